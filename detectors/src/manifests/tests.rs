//! What holds for every ecosystem: damaged, cut and foreign files.

use super::testing::observe;
use super::*;
use proptest::prelude::*;

/// One small file of every kind, each naming `acmeai` and, except for lists of requirements, something after it.
const FILES: &[(&Ecosystem, &str, &str)] = &[
    (&pypi::PYPI, "requirements.txt", "acmeai==1.0\n# 'é'\nlast\n"),
    (
        &pypi::PYPI,
        "pyproject.toml",
        "[project]\nname = 'é'\ndependencies = [\n'acmeai',\n'last',\n]\n",
    ),
    (
        &pypi::PYPI,
        "setup.cfg",
        "[metadata]\nname = é\n[options]\ninstall_requires =\n  acmeai\n  last\n",
    ),
    (
        &pypi::PYPI,
        "setup.py",
        "setup(\n  name='é',\n  install_requires=[\n    'acmeai',\n    'last',\n  ],\n)\n",
    ),
    (&pypi::PYPI, "Pipfile", "[packages]\nacmeai = '*'\n\"é\" = '*'\nlast = '*'\n"),
    (
        &pypi::PYPI,
        "Pipfile.lock",
        "{\"default\": {\n\"acmeai\": {\"version\": \"==1\"},\n\"é\": {},\n\"last\": {}\n}}\n",
    ),
    (
        &pypi::PYPI,
        "poetry.lock",
        "[[package]]\nname = 'acmeai'\nversion = '1'\n\n[[package]]\nname = 'last'\ndescription = 'é'\n",
    ),
    (
        &pypi::PYPI,
        "c/manifest.json",
        "{\"domain\": \"é\",\n\"requirements\": [\n\"acmeai==1\",\n\"last\"\n]}\n",
    ),
    (
        &npm::NPM,
        "package.json",
        "{\"name\": \"é\",\n\"dependencies\": {\n\"acmeai\": \"^1\",\n\"last\": \"1\"\n}}\n",
    ),
    (
        &npm::NPM,
        "package-lock.json",
        "{\"packages\": {\n\"node_modules/acmeai\": {\"version\": \"1\"},\n\"é\": {},\n\"node_modules/last\": {\"version\": \"1\"}\n}}\n",
    ),
    (
        &npm::NPM,
        "yarn.lock",
        "acmeai@^1:\n  version \"1\"\n\n# é\nlast@1:\n  version \"1\"\n",
    ),
    (&npm::NPM, "pnpm-lock.yaml", "packages:\n  acmeai@1.0.0: {}\n  last@1.0.0: {a: é}\n"),
    (
        &npm::NPM,
        "bun.lock",
        "{\"packages\": {\n\"acmeai\": [\"acmeai@1\"],\n\"é\": [],\n\"last\": [\"last@1\"]\n}}\n",
    ),
    (
        &cargo::CARGO,
        "Cargo.toml",
        "[package]\nname = 'é'\n[dependencies]\nacmeai = '1'\nlast = '1'\n",
    ),
    (
        &cargo::CARGO,
        "Cargo.lock",
        "[[package]]\nname = 'acmeai'\nsource = 'é'\nversion = '1'\n\n[[package]]\nname = 'last'\nsource = 'r'\n",
    ),
    (&conda::CONDA, "environment.yml", "name: é\ndependencies:\n  - acmeai=1\n  - last\n"),
    (
        &conda::CONDA,
        "pixi.toml",
        "[workspace]\nname = 'é'\n[dependencies]\nacmeai = '*'\nlast = '*'\n",
    ),
    (
        &go::GO,
        "go.mod",
        "module example.com/é\n\nrequire (\n\texample.com/acmeai v1.0.0\n\texample.com/last v1.0.0\n)\n",
    ),
    (
        &maven::MAVEN,
        "pom.xml",
        "<project>\n<artifactId>é</artifactId>\n<dependencies>\n<dependency><groupId>g</groupId><artifactId>acmeai</artifactId></dependency>\n\
             <dependency><groupId>g</groupId><artifactId>last</artifactId></dependency>\n</dependencies>\n</project>\n",
    ),
    (
        &maven::MAVEN,
        "build.gradle",
        "// é\ndependencies {\n  implementation 'g:acmeai:1'\n  implementation 'g:last:1'\n}\n",
    ),
    (
        &maven::MAVEN,
        "gradle/libs.versions.toml",
        "# é\n[libraries]\nacmeai = 'g:acmeai:1'\nlast = 'g:last:1'\n",
    ),
    (
        &maven::MAVEN,
        "gradle.lockfile",
        "# é\ng:acmeai:1=runtimeClasspath\ng:last:1=runtimeClasspath\n",
    ),
    (
        &maven::MAVEN,
        "build.sbt",
        "name := \"é\"\nlibraryDependencies ++= Seq(\n  \"g\" %% \"acmeai\" % \"1\",\n  \"g\" %% \"last\" % \"1\"\n)\n",
    ),
    (
        &nuget::NUGET,
        "App.csproj",
        "<Project>\n<!-- é -->\n<ItemGroup>\n<PackageReference Include=\"acmeai\" Version=\"1\" />\n<PackageReference Include=\"last\" Version=\"1\" />\n</ItemGroup>\n</Project>\n",
    ),
    (
        &nuget::NUGET,
        "Directory.Packages.props",
        "<Project>\n<!-- é -->\n<ItemGroup>\n<PackageVersion Include=\"acmeai\" Version=\"1\" />\n<PackageVersion Include=\"last\" Version=\"1\" />\n</ItemGroup>\n</Project>\n",
    ),
    (
        &nuget::NUGET,
        "packages.config",
        "<packages>\n<!-- é -->\n<package id=\"acmeai\" version=\"1\" />\n<package id=\"last\" version=\"1\" />\n</packages>\n",
    ),
    (
        &nuget::NUGET,
        "A.nuspec",
        "<package><metadata><id>é</id><dependencies>\n<dependency id=\"acmeai\" />\n<dependency id=\"last\" />\n</dependencies></metadata></package>\n",
    ),
    (
        &nuget::NUGET,
        "packages.lock.json",
        "{\"dependencies\": {\"é\": {\n\"acmeai\": {\"type\": \"Direct\"},\n\"last\": {\"type\": \"Direct\"}\n}}}\n",
    ),
    (
        &nuget::NUGET,
        "a.deps.json",
        "{\"libraries\": {\n\"acmeai/1\": {\"type\": \"package\"},\n\"é\": {},\n\"last/1\": {\"type\": \"package\"}\n}}\n",
    ),
    (&nuget::NUGET, "paket.dependencies", "// é\nnuget acmeai\nnuget last\n"),
    (&nuget::NUGET, "paket.lock", "NUGET\n  remote: é\n    acmeai (1)\n    last (1)\n"),
    (&rubygems::RUBYGEMS, "Gemfile", "# é\ngem 'acmeai'\ngem 'last'\n"),
    (
        &rubygems::RUBYGEMS,
        "a.gemspec",
        "Gem::Specification.new do |s|\n  s.name = 'é'\n  s.add_dependency 'acmeai'\n  s.add_dependency 'last'\nend\n",
    ),
    (
        &rubygems::RUBYGEMS,
        "Gemfile.lock",
        "GEM\n  remote: é\n  specs:\n    acmeai (1)\n    last (1)\n",
    ),
    (
        &composer::COMPOSER,
        "composer.json",
        "{\"name\": \"v/é\",\n\"require\": {\n\"v/acmeai\": \"1\",\n\"v/last\": \"1\"\n}}\n",
    ),
    (
        &composer::COMPOSER,
        "composer.lock",
        "{\"packages\": [\n{\"name\": \"v/acmeai\"},\n{\"name\": \"v/é\"},\n{\"name\": \"v/last\"}\n]}\n",
    ),
    (
        &swift::SWIFT,
        "Package.swift",
        "let package = Package(\n  name: \"é\",\n  dependencies: [\n    .package(url: \"https://example.com/org/acmeai\", from: \"1\"),\n    .package(url: \"https://example.com/org/last\", from: \"1\"),\n  ]\n)\n",
    ),
    (
        &swift::SWIFT,
        "Package.resolved",
        "{\"pins\": [\n{\"location\": \"https://example.com/org/acmeai\"},\n{\"identity\": \"é\"},\n{\"location\": \"https://example.com/org/last\"}\n]}\n",
    ),
    (
        &swift::SWIFT,
        "project.pbxproj",
        "A = {\n isa = XCRemoteSwiftPackageReference;\n repositoryURL = \"https://example.com/é/acmeai\";\n minimumVersion = 1;\n};\nB = {\n isa = XCRemoteSwiftPackageReference;\n repositoryURL = \"https://example.com/org/last\";\n minimumVersion = 1;\n};\n",
    ),
    (&cocoapods::COCOAPODS, "Podfile", "# é\npod 'acmeai'\npod 'last'\n"),
    (
        &cocoapods::COCOAPODS,
        "a.podspec",
        "Pod::Spec.new do |s|\n  s.name = 'é'\n  s.dependency 'acmeai'\n  s.dependency 'last'\nend\n",
    ),
    (
        &cocoapods::COCOAPODS,
        "Podfile.lock",
        "PODS:\n  - acmeai (1)\n  - é (1)\n  - last (1)\n",
    ),
    (&pub_dev::PUB, "pubspec.yaml", "name: é\ndependencies:\n  acmeai: ^1\n  last: ^1\n"),
    (
        &pub_dev::PUB,
        "pubspec.lock",
        "packages:\n  acmeai:\n    version: \"1\"\n  last: {version: \"1\", x: é}\n",
    ),
    (
        &hex::HEX,
        "mix.exs",
        "# é\ndefp deps do\n  [\n    {:acmeai, \"~> 1\"},\n    {:last, \"~> 1\"}\n  ]\nend\n",
    ),
    (
        &hex::HEX,
        "mix.lock",
        "%{\n  \"acmeai\": {:hex, :acmeai, \"1\", \"é\"},\n  \"last\": {:hex, :last, \"1\", \"a\"},\n}\n",
    ),
    (
        &cran::CRAN,
        "DESCRIPTION",
        "Package: x\nTitle: é\nImports:\n    acmeai,\n    last\n",
    ),
    (
        &cran::CRAN,
        "renv.lock",
        "{\"Packages\": {\n\"acmeai\": {\"Version\": \"1\"},\n\"é\": {},\n\"last\": {\"Version\": \"1\"}\n}}\n",
    ),
    (
        &julia::JULIA,
        "Project.toml",
        "name = 'é'\n[deps]\nacmeai = '587475ba-b771-5e3f-ad9e-33799f191a9c'\nlast = '587475ba-b771-5e3f-ad9e-33799f191a9c'\n",
    ),
    (
        &julia::JULIA,
        "Manifest.toml",
        "[[deps.acmeai]]\nuuid = 'é'\n\n[[deps.last]]\nuuid = 'a'\n",
    ),
    (
        &vcpkg::VCPKG,
        "vcpkg.json",
        "{\"name\": \"é\",\n\"dependencies\": [\n\"acmeai\",\n\"last\"\n]}\n",
    ),
    (&conan::CONAN, "conanfile.txt", "[requires]\n# é\nacmeai/1\nlast/1\n"),
    (
        &conan::CONAN,
        "conanfile.py",
        "class A(ConanFile):\n    name = 'é'\n    requires = [\n        'acmeai/1',\n        'last/1',\n    ]\n",
    ),
    (
        &conan::CONAN,
        "conan.lock",
        "{\"version\": \"é\", \"requires\": [\n\"acmeai/1#a\",\n\"last/1#a\"\n]}\n",
    ),
    (&cmake::CMAKE, "CMakeLists.txt", "find_package(acmeai)\n# é\nfind_package(last)\n"),
    (
        &gitmodules::GITMODULES,
        ".gitmodules",
        "[submodule \"a\"]\n\turl = https://github.com/a/acmeai\n# é\n[submodule \"b\"]\n\turl = https://github.com/b/last\n",
    ),
    (
        &sbom::SBOM,
        "bom.json",
        "{\"bomFormat\": \"CycloneDX\", \"components\": [\n{\"name\": \"a\", \"purl\": \"pkg:npm/acmeai@1\"},\n{\"name\": \"é\"},\n{\"name\": \"b\", \"purl\": \"pkg:npm/last@1\"}\n]}\n",
    ),
    (
        &sbom::SBOM,
        "bom.xml",
        "<bom>\n<!-- é -->\n<components>\n<component><name>a</name><purl>pkg:npm/acmeai@1</purl></component>\n<component><name>b</name><purl>pkg:npm/last@1</purl></component>\n</components>\n</bom>\n",
    ),
    (
        &sbom::SBOM,
        "a.spdx",
        "PackageName: a\nExternalRef: PACKAGE-MANAGER purl pkg:npm/acmeai@1\nPackageName: é\nPackageName: b\nExternalRef: PACKAGE-MANAGER purl pkg:npm/last@1\n",
    ),
    (
        &sbom::SBOM,
        "a.spdx.json",
        "{\"spdxVersion\": \"2\", \"packages\": [\n{\"name\": \"a\", \"externalRefs\": [{\"referenceType\": \"purl\", \"referenceLocator\": \"pkg:npm/acmeai@1\"}]},\n{\"name\": \"é\"},\n{\"name\": \"b\", \"externalRefs\": [{\"referenceType\": \"purl\", \"referenceLocator\": \"pkg:npm/last@1\"}]}\n]}\n",
    ),
    (
        &conda::CONDA,
        "conda-lock.yml",
        "package:\n  - name: acmeai\n    version: '1'\n  - name: last\n    version: é\n",
    ),
    (
        &conda::CONDA,
        "pixi.lock",
        "packages:\n  - name: acmeai\n    version: '1'\n  - name: last\n    version: é\n",
    ),
];

/// The names of packages without the group or place they are published in.
fn names(seen: &[Observation]) -> Vec<&str> {
    testing::names(seen)
        .into_iter()
        .map(|name| name.rsplit([':', '/']).next().unwrap_or(name))
        .collect()
}

#[test]
fn every_kind_of_file_is_read_whole() {
    for (ecosystem, path, text) in FILES {
        for text in [text.to_string(), text.replace('\n', "\r\n"), format!("\u{FEFF}{text}")] {
            let (seen, result) = observe(ecosystem, path, text.as_bytes());
            assert_eq!(result, Ok(()), "{path}");
            assert!(
                names(&seen).contains(&"acmeai") && names(&seen).contains(&"last"),
                "{path}: {seen:?}"
            );
        }
    }
}

#[test]
fn a_wrong_encoding_is_read_and_said() {
    for (ecosystem, path, text) in FILES {
        let latin: Vec<u8> = text
            .chars()
            .map(|letter| u8::try_from(u32::from(letter)).expect("test texts are Latin-1"))
            .collect();
        let (seen, result) = observe(ecosystem, path, &latin);
        assert!(result.is_err(), "{path}");
        assert!(
            names(&seen).contains(&"acmeai") && names(&seen).contains(&"last"),
            "{path}: {seen:?}"
        );
        let utf16: Vec<u8> = [0xFF, 0xFE]
            .into_iter()
            .chain(text.encode_utf16().flat_map(u16::to_le_bytes))
            .collect();
        let (seen, result) = observe(ecosystem, path, &utf16);
        assert_eq!(result, Ok(()), "{path}");
        assert!(names(&seen).contains(&"acmeai"), "{path}: {seen:?}");
    }
}

#[test]
fn both_sides_of_a_merge_conflict_are_read_and_said() {
    for (ecosystem, path, text) in FILES {
        let (before, after) = text.split_at(text.find("last").expect("every text names it"));
        let start = before.rfind('\n').map_or(0, |at| at + 1);
        let (before, line) = (
            &text[..start],
            format!("{}{}", &before[start..], after.split_inclusive('\n').next().unwrap_or_default()),
        );
        let rest = &text[start + line.len()..];
        let ours = line.replace("last", "ours");
        let conflict = format!("{before}<<<<<<< HEAD\n{ours}=======\n{line}>>>>>>> other\n{rest}");
        let (seen, result) = observe(ecosystem, path, conflict.as_bytes());
        assert!(result.is_err(), "{path}");
        for name in ["acmeai", "ours", "last"] {
            assert!(names(&seen).contains(&name), "{path}: {name} is missing in {seen:?}\n{conflict}");
        }
    }
}

#[test]
fn no_cut_makes_a_reader_panic_or_lose_what_stands_before() {
    for (ecosystem, path, text) in FILES {
        let whole = text.find("last").expect("every text names it");
        for (cut, _) in text.char_indices() {
            let (seen, _) = observe(ecosystem, path, &text.as_bytes()[..cut]);
            assert!(cut < whole || names(&seen).contains(&"acmeai"), "{path} cut at {cut}: {seen:?}");
        }
    }
}

proptest! {
    /// Bytes changed anywhere: it ends, it does not panic, and it says what it emits.
    #[test]
    fn no_change_makes_a_reader_panic(which in 0..FILES.len(), changes in proptest::collection::vec((any::<prop::sample::Index>(), "[\\[\\](){}<>\"'`#$%:;,=/\\\\@*&!|~^ \n\ta-c0-9-]{0,3}"), 1..12)) {
        let (ecosystem, path, text) = FILES[which];
        let mut changed: Vec<char> = text.chars().collect();
        for (place, written) in changes {
            let at = place.index(changed.len().max(1)).min(changed.len());
            let end = (at + 1).min(changed.len());
            changed.splice(at..end, written.chars());
        }
        let changed: String = changed.into_iter().collect();
        let (seen, _) = observe(ecosystem, path, changed.as_bytes());
        for one in seen {
            prop_assert!(ecosystem.info.emits.contains(&(one.kind, one.scope)));
            prop_assert!(!one.key.is_empty());
        }
    }
}

#[test]
fn binary_is_refused() {
    for (ecosystem, path, _) in FILES {
        let (seen, result) = observe(ecosystem, path, b"acmeai\0==1.0\n");
        assert!(seen.is_empty() && result.is_err(), "{path}");
    }
}

#[test]
fn what_is_wanted_stands_in_the_globs_and_what_is_emitted_in_the_list() {
    for (ecosystem, path, text) in FILES {
        let wanted = ecosystem.info.reads.iter().any(|glob| {
            globset::Glob::new(&format!("{{,**/}}{glob}"))
                .expect("globs are written by us")
                .compile_matcher()
                .is_match(path)
        });
        assert!(wanted, "{path} is in no glob of {}", ecosystem.info.id);
        for one in observe(ecosystem, path, text.as_bytes()).0 {
            assert!(
                ecosystem.info.emits.contains(&(one.kind, one.scope)),
                "{}: {one:?}",
                ecosystem.info.id
            );
        }
    }
}

#[test]
fn other_files_are_not_wanted() {
    for path in [
        "README.md",
        "package.json.bak",
        "Cargo.toml.orig",
        "MANIFEST.in",
        "config.h.in",
        "src/lock.rs",
        "composer.lock.md",
        "go.sum",
        "notes.txt",
        "App.config",
        "web.xml",
        "src/main.scala",
        "Gemfile.rb",
        "description",
        "mix.ex",
    ] {
        assert!(
            ECOSYSTEMS.iter().all(|member| member.wants(&FilePath::of(path)).is_none()),
            "{path}"
        );
    }
}

#[test]
fn every_file_of_the_family_is_part_of_it() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/manifests");
    for entry in std::fs::read_dir(folder).expect("the folder is part of the source") {
        let name = entry.expect("readable").file_name().into_string().expect("UTF-8");
        let module = name.strip_suffix(".rs").expect("only source files");
        assert!(
            include_str!("../manifests.rs").contains(&format!("mod {module};")),
            "{name} is not registered"
        );
    }
}
