//! What an import in a pickle can do when the file is loaded: run programs and code, or only put data together.

/// How much an import can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Risk {
    /// Runs programs or code, or reaches files and the network.
    Dangerous,
    /// Puts data together.
    Benign,
    /// Nobody here knows.
    Unknown,
}

/// Modules of which everything is dangerous, with what lies below them.
const DANGEROUS: [&str; 58] = [
    "os",
    "posix",
    "nt",
    "subprocess",
    "_posixsubprocess",
    "_winapi",
    "commands",
    "pty",
    "popen2",
    "sys",
    "socket",
    "_socket",
    "ssl",
    "runpy",
    "webbrowser",
    "importlib",
    "_frozen_importlib",
    "_frozen_importlib_external",
    "imp",
    "pkgutil",
    "zipimport",
    "pip",
    "setuptools",
    "distutils",
    "ensurepip",
    "venv",
    "shutil",
    "ctypes",
    "_ctypes",
    "cffi",
    "code",
    "codeop",
    "bdb",
    "pdb",
    "cProfile",
    "profile",
    "trace",
    "timeit",
    "doctest",
    "multiprocessing",
    "threading",
    "_thread",
    "asyncio",
    "concurrent",
    "http",
    "urllib",
    "urllib2",
    "ftplib",
    "smtplib",
    "telnetlib",
    "requests",
    "httpx",
    "aiohttp",
    "marshal",
    "idlelib",
    "pydoc",
    "test",
    "lib2to3",
];

/// Single names that are dangerous in modules that are not; a name ending in `*` stands for all that begin so.
const NAMED: [(&str, &[&str]); 14] = [
    (
        "builtins",
        &[
            "eval",
            "exec",
            "execfile",
            "compile",
            "__import__",
            "open",
            "file",
            "apply",
            "breakpoint",
            "input",
            "globals",
            "locals",
            "vars",
            "setattr",
            "delattr",
            "memoryview",
        ],
    ),
    ("operator", &["attrgetter", "methodcaller"]),
    ("_operator", &["attrgetter", "methodcaller"]),
    ("types", &["CodeType", "FunctionType", "MethodType"]),
    ("pickle", &["load", "loads", "_load", "_loads", "Unpickler"]),
    ("_pickle", &["load", "loads", "Unpickler"]),
    ("dill", &["load", "loads", "_dill*"]),
    ("dill._dill", &["_create_code", "_create_function", "_load_type", "loads"]),
    (
        "cloudpickle.cloudpickle",
        &["_builtin_type", "_make_function", "_make_cell", "subimport", "dynamic_subimport"],
    ),
    ("logging.config", &["*"]),
    ("numpy.testing._private.utils", &["*"]),
    ("numpy.f2py", &["*"]),
    ("torch", &["load", "hub*"]),
    ("joblib", &["load"]),
];

/// Packages that hold models and data, with what of them runs code all the same.
const HOUSES: [(&str, &[&str]); 7] = [
    (
        "torch",
        &[
            "torch.hub",
            "torch.serialization",
            "torch.utils.cpp_extension",
            "torch.utils.bottleneck",
            "torch.utils._config_module",
            "torch.utils.collect_env",
            "torch.jit.unsupported_tensor_ops",
            "torch.fx.experimental",
            "torch._inductor",
            "torch._dynamo",
            "torch.distributed",
            "torch.testing",
            "torch.package",
            "torch.onnx",
            "torch.cuda.random",
        ],
    ),
    ("numpy", &["numpy.f2py", "numpy.testing", "numpy.distutils"]),
    ("scipy", &[]),
    ("pandas", &["pandas.io", "pandas.eval"]),
    ("sklearn", &["sklearn.utils._testing", "sklearn.datasets"]),
    ("collections", &[]),
    ("joblib", &["joblib._utils", "joblib.externals", "joblib.memory"]),
];

/// Modules of the standard library whose names put data together.
const DATA: [(&str, &[&str]); 9] = [
    (
        "builtins",
        &[
            "set",
            "frozenset",
            "list",
            "dict",
            "tuple",
            "int",
            "float",
            "bool",
            "str",
            "bytes",
            "bytearray",
            "complex",
            "object",
            "slice",
            "range",
            "type",
            "NotImplemented",
            "print",
            "len",
        ],
    ),
    ("copyreg", &["_reconstructor", "__newobj__"]),
    ("_codecs", &["encode"]),
    ("datetime", &["datetime", "date", "time", "timedelta", "timezone"]),
    ("decimal", &["Decimal"]),
    ("fractions", &["Fraction"]),
    ("uuid", &["UUID", "SafeUUID"]),
    ("pathlib", &["PosixPath", "PurePosixPath", "WindowsPath", "PureWindowsPath", "Path"]),
    ("argparse", &["Namespace"]),
];

/// What a kept answer of a web server is made of, in packages that reach the network: holding it reaches nothing.
const ANSWERS: [(&str, &[&str]); 6] = [
    ("requests.models", &["Response", "Request", "PreparedRequest"]),
    ("requests.structures", &["CaseInsensitiveDict", "LookupDict"]),
    ("requests.cookies", &["RequestsCookieJar"]),
    ("http.cookiejar", &["Cookie", "CookieJar", "DefaultCookiePolicy"]),
    ("http.cookies", &["Morsel", "SimpleCookie"]),
    ("httpx", &["Headers"]),
];

/// Names of modules as Python 3 knows them.
fn today(module: &str) -> &str {
    match module {
        "__builtin__" | "__builtins__" => "builtins",
        "copy_reg" => "copyreg",
        other => other,
    }
}

/// How much an import can do.
pub(super) fn of(module: &str, name: &str) -> Risk {
    let module = today(module);
    let root = root(module);
    let listed = |names: &[&str], first: &str| {
        names.iter().any(|known| match known.strip_suffix('*') {
            Some(start) => first.starts_with(start),
            None => *known == first,
        })
    };
    // A dotted name reaches through what it begins with.
    let first = name.split('.').next().unwrap_or(name);
    let is_data = ["os.path", "sys.flags"].contains(&module) || ANSWERS.iter().any(|(of, names)| *of == module && listed(names, name));
    if DANGEROUS.contains(&root) && !is_data {
        return Risk::Dangerous;
    }
    if NAMED.iter().any(|(of, names)| *of == module && listed(names, first))
        || name.split('.').any(|part| part.starts_with("__") && part != "__newobj__")
    {
        return Risk::Dangerous;
    }
    if let Some((_, except)) = HOUSES.iter().find(|(house, _)| *house == root) {
        let whole = format!("{module}.{name}");
        let inside = |part: &str| whole == part || whole.strip_prefix(part).is_some_and(|rest| rest.starts_with('.'));
        return if except.iter().any(|part| inside(part)) {
            Risk::Unknown
        } else {
            Risk::Benign
        };
    }
    match DATA.iter().find(|(of, _)| *of == module) {
        Some((_, names)) if listed(names, name) => Risk::Benign,
        _ => Risk::Unknown,
    }
}

/// The package a module is part of.
pub(super) fn root(module: &str) -> &str {
    today(module).split('.').next().unwrap_or(module)
}

/// Whether a package is part of the language, and says nothing of what a file holds.
pub(super) fn is_language(root: &str) -> bool {
    DATA.iter().any(|(module, _)| *module == root)
        || DANGEROUS.contains(&root)
        || NAMED
            .iter()
            .any(|(module, _)| *module == root && root != "torch" && root != "joblib")
        || matches!(root, "collections" | "functools" | "enum" | "re" | "random" | "math" | "__main__")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_runs_something_is_told_from_what_holds_data() {
        for (module, name) in [
            ("os", "system"),
            ("posix", "system"),
            ("nt", "system"),
            ("__builtin__", "eval"),
            ("builtins", "exec"),
            ("builtins", "__import__"),
            ("subprocess", "Popen"),
            ("webbrowser", "open"),
            ("runpy", "_run_code"),
            ("socket", "socket"),
            ("importlib", "import_module"),
            ("torch.hub", "load"),
            ("torch", "hub.load"),
            ("collections", "OrderedDict.__init__.__globals__"),
            ("asyncio.unix_events", "x"),
            ("requests.api", "get"),
            ("requests.models", "Response.iter_content"),
            ("http.client", "HTTPConnection"),
        ] {
            let risk = of(module, name);
            assert!(
                risk == Risk::Dangerous || module.starts_with("torch.") && risk == Risk::Unknown,
                "{module} {name}"
            );
        }
        for (module, name) in [("requests.models", "Response"), ("http.cookiejar", "DefaultCookiePolicy")] {
            assert_eq!(of(module, name), Risk::Unknown, "{module} {name}");
        }
        for (module, name) in [
            ("collections", "OrderedDict"),
            ("torch._utils", "_rebuild_tensor_v2"),
            ("torch", "FloatStorage"),
            ("numpy", "dtype"),
            ("numpy.core.multiarray", "_reconstruct"),
            ("sklearn.ensemble._forest", "RandomForestClassifier"),
            ("__builtin__", "set"),
            ("copy_reg", "_reconstructor"),
        ] {
            assert_eq!(of(module, name), Risk::Benign, "{module} {name}");
        }
        for (module, name) in [
            ("mypkg.nets", "Net"),
            ("builtins", "getattr"),
            ("osmium", "x"),
            ("os.path", "join"),
            ("torchx", "y"),
        ] {
            assert_eq!(of(module, name), Risk::Unknown, "{module} {name}");
        }
    }
}
