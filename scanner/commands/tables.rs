//! Tables made from what detectors say of themselves; the README's rows come from here.

use std::fmt::Write;

use detectors::Info;

fn infos() -> Vec<&'static Info> {
    let connectors = detectors::CONNECTORS.iter().map(|connector| connector.info());
    detectors::detectors()
        .into_iter()
        .map(detectors::Detector::info)
        .chain(connectors)
        .collect()
}

/// What each detector reads, sees and needs.
pub(super) fn detectors(markdown: bool) -> String {
    let mut out = String::new();
    if markdown {
        out.push_str("| detector | reads | sees | needs |\n|---|---|---|---|\n");
    }
    for info in infos() {
        let mut kinds: Vec<String> = info.emits.iter().map(|(kind, _)| format!("{kind:?}").to_lowercase()).collect();
        kinds.sort();
        kinds.dedup();
        let needs: Vec<String> = info
            .needs
            .iter()
            .map(|need| {
                format!(
                    "`{}` ({}{})",
                    need.variable,
                    need.purpose,
                    if need.optional { ", optional" } else { "" }
                )
            })
            .collect();
        if markdown {
            let reads: Vec<String> = info.reads.iter().map(|glob| format!("`{glob}`")).collect();
            let needs = if needs.is_empty() { "nothing".to_owned() } else { needs.join(", ") };
            let _ = writeln!(
                out,
                "| [{}]({}) | {} | {} | {} |",
                info.title,
                info.docs,
                reads.join(" "),
                kinds.join(", "),
                needs
            );
        } else {
            let _ = writeln!(out, "{}  {}", info.id, info.title);
            let _ = writeln!(out, "    reads  {}", info.reads.join(" "));
            let _ = writeln!(out, "    sees   {}", kinds.join(", "));
            for need in needs {
                let _ = writeln!(out, "    needs  {}", need.replace('`', ""));
            }
            let _ = writeln!(out, "    docs   {}", info.docs);
        }
    }
    out
}
