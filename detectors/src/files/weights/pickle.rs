//! Pickles, read opcode by opcode as a loader would and never loaded: what they import, and the shapes of tensors they build.
//!
//! Only names, small numbers and short tuples are kept on the stack; everything else is a value nobody looks at.

use std::collections::{BTreeSet, HashMap};
use std::rc::Rc;

use super::header::{Counted, product};
use super::reader::Reader;
use super::risk;
use crate::Unreadable;

/// Opcodes that are read of one file; with more it is read in part.
const MOST_OPCODES: u64 = 64_000_000;
const MOST_REMEMBERED: usize = 2_000_000;
const MOST_STACKED: usize = 1_000_000;
/// Different imports that are kept apart.
const MOST_IMPORTS: usize = 4096;
/// Texts that could be a name; longer ones are not kept.
const LONGEST_NAME: u64 = 256;
/// Longest number that is written in digits.
const LONGEST_LINE: usize = 1 << 20;
const WIDEST_TUPLE: usize = 16;
/// Deeper tuples are not kept, so that dropping one needs no stack.
const DEEPEST_TUPLE: u8 = 4;

/// What reading a pickle told.
#[derive(Debug, Default)]
pub(super) struct Pickle {
    /// What it imports, as module and name.
    pub(super) imports: BTreeSet<(String, String)>,
    /// Imports whose name is made while loading, so that nobody can tell it.
    pub(super) hidden: u64,
    /// Parameters of the tensors it builds.
    pub(super) counted: Counted,
    /// Whether a call, or an object with a state, is in it: what is imported runs.
    pub(super) calls: u64,
    /// Pickles read, one behind the other.
    pub(super) streams: u64,
    opcodes: u64,
}

#[derive(Debug, Clone)]
enum Value {
    Mark,
    Text(Rc<str>),
    Number(u64),
    Global(Rc<(String, String)>),
    Tuple(Rc<[Value]>, u8),
    /// A dictionary's entries under names, as far as they matter.
    Dict(Rc<Vec<(Rc<str>, Value)>>),
    /// An object of a class.
    Made(Rc<(String, String)>),
    Other,
}

impl Value {
    fn depth(&self) -> u8 {
        match self {
            Self::Tuple(_, depth) => *depth,
            Self::Dict(_) => DEEPEST_TUPLE - 1,
            _ => 0,
        }
    }

    fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    fn tuple(&self) -> &[Self] {
        match self {
            Self::Tuple(values, _) => values,
            _ => &[],
        }
    }

    fn numbers(&self) -> Vec<u64> {
        let number = |value: &Self| match value {
            Self::Number(number) => *number,
            _ => 0,
        };
        self.tuple().iter().map(number).collect()
    }
}

/// The stack machine, as far as it matters which names are imported.
#[derive(Default)]
struct Machine {
    stack: Vec<Value>,
    memory: HashMap<u32, Value>,
}

impl Machine {
    fn push(&mut self, value: Value) -> Result<(), Unreadable> {
        if self.stack.len() >= MOST_STACKED {
            return Err(Unreadable(format!(
                "it stacks more than {MOST_STACKED} values and was read in part"
            )));
        }
        self.stack.push(value);
        Ok(())
    }

    fn pop(&mut self) -> Value {
        self.stack.pop().unwrap_or(Value::Other)
    }

    /// Takes what was pushed since the last mark.
    fn since_mark(&mut self) -> Vec<Value> {
        let mark = self.stack.iter().rposition(|value| matches!(value, Value::Mark)).unwrap_or(0);
        let mut values = self.stack.split_off(mark);
        if !values.is_empty() && matches!(values[0], Value::Mark) {
            values.remove(0);
        }
        values
    }

    fn remember(&mut self, at: u32) -> Result<(), Unreadable> {
        if self.memory.len() >= MOST_REMEMBERED {
            return Err(Unreadable(format!(
                "it remembers more than {MOST_REMEMBERED} values and was read in part"
            )));
        }
        let value = self.stack.last().cloned().unwrap_or(Value::Other);
        self.memory.insert(at, value);
        Ok(())
    }

    fn recall(&mut self, at: u32) -> Result<(), Unreadable> {
        let value = self.memory.get(&at).cloned().unwrap_or(Value::Other);
        self.push(value)
    }

    fn set(&mut self, items: Vec<Value>) {
        let Some(Value::Dict(entries)) = self.stack.last_mut() else {
            return;
        };
        let mut items = items.into_iter();
        while let (Some(key), Some(value)) = (items.next(), items.next()) {
            if entries.len() < WIDEST_TUPLE
                && value.depth() < DEEPEST_TUPLE - 1
                && let Value::Text(key) = key
            {
                Rc::make_mut(entries).push((key, value));
            }
        }
    }
}

fn tuple(values: Vec<Value>) -> Value {
    let depth = values.iter().map(Value::depth).max().unwrap_or(0) + 1;
    if values.len() > WIDEST_TUPLE || depth > DEEPEST_TUPLE {
        return Value::Other;
    }
    Value::Tuple(values.into(), depth)
}

impl Pickle {
    /// Reads pickles that stand one behind the other, at most so many.
    pub(super) fn read(&mut self, reader: &mut Reader<'_>, most: usize) -> Result<(), Unreadable> {
        for _ in 0..most {
            self.one(reader)?;
            self.streams += 1;
            // What follows and is no pickle is data.
            let here = reader.position();
            if reader.left() < 2 || reader.byte()? != 0x80 || !(2..=5).contains(&reader.byte()?) {
                reader.go(here);
                break;
            }
            reader.go(here);
        }
        Ok(())
    }

    fn one(&mut self, reader: &mut Reader<'_>) -> Result<(), Unreadable> {
        let mut machine = Machine::default();
        // Arrays of objects are pickles inside the pickle.
        let mut outer: Vec<Machine> = Vec::new();
        loop {
            self.opcodes += 1;
            if self.opcodes > MOST_OPCODES {
                return Err(Unreadable(format!(
                    "it has more than {MOST_OPCODES} instructions and was read in part"
                )));
            }
            let opcode = reader.byte()?;
            match opcode {
                b'.' => match outer.pop() {
                    Some(back) => machine = back,
                    None => return Ok(()),
                },
                b'b' => {
                    let state = machine.pop();
                    if let Some(Value::Made(class)) = machine.stack.last()
                        && class.1 == "NumpyArrayWrapper"
                        && skip_array(reader, &state)?
                        && outer.len() < 64
                    {
                        outer.push(std::mem::take(&mut machine));
                    }
                    self.calls += 1;
                }
                _ => self.step(opcode, reader, &mut machine)?,
            }
        }
    }

    fn step(&mut self, opcode: u8, reader: &mut Reader<'_>, machine: &mut Machine) -> Result<(), Unreadable> {
        match opcode {
            b'(' => machine.push(Value::Mark)?,
            b'0' => drop(machine.pop()),
            b'1' => drop(machine.since_mark()),
            b'2' => {
                let top = machine.stack.last().cloned().unwrap_or(Value::Other);
                machine.push(top)?;
            }
            // Numbers and constants.
            b'N' | 0x88 | 0x89 => machine.push(Value::Other)?,
            b'F' | b'L' => {
                reader.line(LONGEST_LINE)?;
                machine.push(Value::Other)?;
            }
            b'I' => {
                let line = reader.line(LONGEST_LINE)?;
                let number = std::str::from_utf8(&line).ok().and_then(|text| text.trim().parse().ok());
                machine.push(number.map_or(Value::Other, Value::Number))?;
            }
            b'J' => {
                let number = reader.u32()?;
                machine.push(Value::Number(number.into()))?;
            }
            b'K' => {
                let number = reader.byte()?;
                machine.push(Value::Number(number.into()))?;
            }
            b'M' => {
                let number = reader.u16()?;
                machine.push(Value::Number(number.into()))?;
            }
            b'G' => {
                reader.skip(8)?;
                machine.push(Value::Other)?;
            }
            0x8A => {
                let length = reader.byte()?;
                let number = long(&reader.take(length.into())?);
                machine.push(number)?;
            }
            0x8B => {
                let length = reader.u32()?;
                reader.skip(length.into())?;
                machine.push(Value::Other)?;
            }
            // Texts.
            b'S' | b'V' => {
                let line = reader.line(LONGEST_LINE)?;
                let text = String::from_utf8_lossy(&line).into_owned();
                machine.push(Value::Text(text.trim_matches(['\'', '"']).into()))?;
            }
            b'T' | b'X' => {
                let length = reader.u32()?;
                text(length.into(), reader, machine)?;
            }
            b'U' | 0x8C => {
                let length = reader.byte()?;
                text(length.into(), reader, machine)?;
            }
            0x8D => {
                let length = reader.u64()?;
                text(length, reader, machine)?;
            }
            // Bytes.
            b'B' => {
                let length = reader.u32()?;
                reader.skip(length.into())?;
                machine.push(Value::Other)?;
            }
            b'C' => {
                let length = reader.byte()?;
                reader.skip(length.into())?;
                machine.push(Value::Other)?;
            }
            0x8E | 0x96 => {
                let length = reader.u64()?;
                reader.skip(length)?;
                machine.push(Value::Other)?;
            }
            0x97 => machine.push(Value::Other)?,
            0x98 => {}
            // Containers.
            b']' | 0x8F => machine.push(Value::Other)?,
            b'}' => machine.push(Value::Dict(Rc::new(Vec::new())))?,
            b')' => machine.push(tuple(Vec::new()))?,
            b'a' => drop(machine.pop()),
            b'e' | 0x90 => drop(machine.since_mark()),
            b's' => {
                let value = machine.pop();
                let key = machine.pop();
                machine.set(vec![key, value]);
            }
            b'u' => {
                let items = machine.since_mark();
                machine.set(items);
            }
            b'l' | b'd' | 0x91 => {
                machine.since_mark();
                machine.push(Value::Other)?;
            }
            b't' => {
                let values = machine.since_mark();
                machine.push(tuple(values))?;
            }
            0x85..=0x87 => {
                let at = machine.stack.len().saturating_sub(usize::from(opcode - 0x84));
                let values = machine.stack.split_off(at);
                machine.push(tuple(values))?;
            }
            // The memory.
            b'p' | b'g' => {
                let line = reader.line(32)?;
                let at = std::str::from_utf8(&line)
                    .ok()
                    .and_then(|text| text.trim().parse().ok())
                    .unwrap_or(u32::MAX);
                if opcode == b'p' {
                    machine.remember(at)?
                } else {
                    machine.recall(at)?
                }
            }
            b'q' | b'h' => {
                let at = reader.byte()?.into();
                if opcode == b'q' {
                    machine.remember(at)?
                } else {
                    machine.recall(at)?
                }
            }
            b'r' | b'j' => {
                let at = reader.u32()?;
                if opcode == b'r' {
                    machine.remember(at)?
                } else {
                    machine.recall(at)?
                }
            }
            0x94 => {
                let at = u32::try_from(machine.memory.len()).unwrap_or(u32::MAX);
                machine.remember(at)?;
            }
            // The frame of the stream.
            0x80 => drop(reader.byte()?),
            0x95 => drop(reader.u64()?),
            _ => self.object(opcode, reader, machine)?,
        }
        Ok(())
    }

    /// Opcodes that import or call.
    fn object(&mut self, opcode: u8, reader: &mut Reader<'_>, machine: &mut Machine) -> Result<(), Unreadable> {
        match opcode {
            b'c' | b'i' => {
                let module = String::from_utf8_lossy(&reader.line(1024)?).into_owned();
                let name = String::from_utf8_lossy(&reader.line(1024)?).into_owned();
                let global = self.import(module, name);
                if opcode == b'i' {
                    machine.since_mark();
                    self.calls += 1;
                    machine.push(Value::Made(global))?;
                } else {
                    machine.push(Value::Global(global))?;
                }
            }
            0x93 => {
                let name = machine.pop();
                let module = machine.pop();
                if let (Some(module), Some(name)) = (module.text(), name.text()) {
                    let global = self.import(module.to_owned(), name.to_owned());
                    machine.push(Value::Global(global))?;
                } else {
                    self.hidden += 1;
                    machine.push(Value::Other)?;
                }
            }
            0x82..=0x84 => {
                reader.skip([1, 2, 4][usize::from(opcode - 0x82)])?;
                self.hidden += 1;
                machine.push(Value::Other)?;
            }
            b'P' => {
                reader.line(LONGEST_LINE)?;
                machine.push(Value::Other)?;
            }
            // What the loader keeps beside the pickle: the tuple that names it stands for it.
            b'Q' => {}
            b'R' | 0x81 => {
                let arguments = machine.pop();
                let callee = machine.pop();
                let made = self.call(&callee, &arguments);
                machine.push(made)?;
            }
            0x92 => {
                machine.pop();
                let arguments = machine.pop();
                let callee = machine.pop();
                let made = self.call(&callee, &arguments);
                machine.push(made)?;
            }
            b'o' => {
                let mut values = machine.since_mark().into_iter();
                let callee = values.next().unwrap_or(Value::Other);
                let made = self.call(&callee, &Value::Other);
                machine.push(made)?;
            }
            other => {
                let at = reader.position().saturating_sub(1);
                return Err(Unreadable(format!(
                    "it was read up to byte {at}, where {other:#04x} is no instruction of a pickle"
                )));
            }
        }
        Ok(())
    }

    fn import(&mut self, module: String, name: String) -> Rc<(String, String)> {
        let global = (module, name);
        // Dangerous ones are kept whatever else there is.
        if self.imports.len() < MOST_IMPORTS
            || risk::of(&global.0, &global.1) == risk::Risk::Dangerous && self.imports.len() < 2 * MOST_IMPORTS
        {
            self.imports.insert(global.clone());
        }
        Rc::new(global)
    }

    /// What a call gives, as far as it matters: types of arrays, objects of a class, and tensors, which are counted.
    fn call(&mut self, callee: &Value, arguments: &Value) -> Value {
        self.calls += 1;
        let Value::Global(global) = callee else { return Value::Other };
        let given = arguments.tuple();
        let made = match (global.0.as_str(), global.1.as_str()) {
            ("numpy", "dtype") => given.first().filter(|kind| kind.text().is_some()).cloned(),
            ("torch._utils", name) if name.starts_with("_rebuild_") && name.contains("tensor") => {
                let storage = given.first().map_or(&[][..], Value::tuple);
                let kind = match storage.get(1) {
                    Some(Value::Global(kind)) => storage_type(&kind.1),
                    _ => "",
                };
                if let Some(shape) = given.get(2).filter(|shape| matches!(shape, Value::Tuple(..))) {
                    self.counted.add(kind, product(shape.numbers()));
                }
                None
            }
            _ => None,
        };
        made.unwrap_or_else(|| Value::Made(Rc::clone(global)))
    }
}

/// The type of numbers in a storage, by the name of its class.
fn storage_type(class: &str) -> &'static str {
    match class {
        "FloatStorage" => "F32",
        "HalfStorage" => "F16",
        "BFloat16Storage" => "BF16",
        "DoubleStorage" => "F64",
        "LongStorage" => "I64",
        "IntStorage" => "I32",
        "ShortStorage" => "I16",
        "CharStorage" => "I8",
        "ByteStorage" => "U8",
        "BoolStorage" => "bool",
        "QInt8Storage" => "QI8",
        "QUInt8Storage" => "QU8",
        _ => "",
    }
}

fn long(bytes: &[u8]) -> Value {
    let mut eight = [0; 8];
    if bytes.len() > 8 {
        return Value::Other;
    }
    eight[..bytes.len()].copy_from_slice(bytes);
    Value::Number(u64::from_le_bytes(eight))
}

fn text(length: u64, reader: &mut Reader<'_>, machine: &mut Machine) -> Result<(), Unreadable> {
    if length > LONGEST_NAME {
        reader.skip(length)?;
        return machine.push(Value::Other);
    }
    let text = String::from_utf8_lossy(&reader.take(length as usize)?).into_owned();
    machine.push(Value::Text(text.into()))
}

/// Goes over the bytes of an array that stand behind its description; says whether it is a pickle instead of bytes.
fn skip_array(reader: &mut Reader<'_>, state: &Value) -> Result<bool, Unreadable> {
    let Value::Dict(entries) = state else { return Ok(false) };
    let entry = |name: &str| entries.iter().find(|(key, _)| &**key == name).map(|(_, value)| value);
    let (Some(shape), Some(kind)) = (entry("shape"), entry("dtype").and_then(Value::text)) else {
        return Err(Unreadable("it holds an array without a shape and was read up to that".to_owned()));
    };
    let kind = kind.trim_start_matches(['<', '>', '|', '=']);
    if kind.starts_with('O') {
        return Ok(true);
    }
    let digits: u64 = kind.trim_start_matches(|c: char| !c.is_ascii_digit()).parse().unwrap_or(0);
    let width = digits * if kind.starts_with('U') { 4 } else { 1 };
    if let Some(Value::Number(_)) = entry("numpy_array_alignment_bytes") {
        let padding = reader.byte()?;
        reader.skip(padding.into())?;
    }
    let numbers = shape.numbers();
    if width > 0 && numbers.iter().all(|number| *number > 0) {
        reader.skip(product(numbers).saturating_mul(width))?;
    }
    Ok(false)
}
