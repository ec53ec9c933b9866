//! Secrets met on the way are recognised; no output and no database holds them.

use crate::support::Place;

#[test]
fn no_output_holds_a_secret() {
    let place = Place::new();
    // Made up, in the form of the real ones.
    let openai = format!(
        "sk-proj-{}T3BlbkFJ{}",
        "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8s9T0u1V2w3X4y5Z6a7B8c9D0e1F2g3H4i5J6k7",
        "L8m9N0o1P2q3R4s5T6u7V8w9X0y1Z2a3B4c5D6e7F8g9H0i1J2k3L4m5N6o7P8q9R0s1T2u3V4"
    );
    let anthropic = format!(
        "sk-ant-api03-{}AA",
        "x9Y8z7W6v5U4t3S2r1Q0p9O8n7M6l5K4j3I2h1G0f9E8d7C6b5A4z3Y2x1W0v9U8t7S6r5Q4p3O2n1M0l9K8j7I6h5G4f"
    );
    let password = "correct-horse-battery-staple-42";
    place.write(
        "chat.py",
        format!("from openai import OpenAI\n\nclient = OpenAI(api_key=\"{openai}\")\nclient.chat.completions.create(model=\"gpt-4o\")\n"),
    );
    place.write(
        ".env",
        format!("OPENAI_API_KEY={openai}\nANTHROPIC_API_KEY={anthropic}\nOLLAMA_BASE_URL=http://user:{password}@localhost:11434\n"),
    );
    place.write(
        "config.yaml",
        format!("openai:\n  api_key: {openai}\n  base_url: https://me:{password}@api.openai.com/v1\n"),
    );
    place.write(
        "docker-compose.yml",
        format!("services:\n  a:\n    image: ollama/ollama\n    environment:\n      - ANTHROPIC_API_KEY={anthropic}\n"),
    );
    let held = |text: &str, what: &str| {
        for secret in [openai.as_str(), anthropic.as_str(), password, &openai[8..40], &anthropic[13..45]] {
            assert!(!text.contains(secret), "{what} holds {secret}");
        }
    };
    for format in ["text", "json", "jsonl", "sarif", "html"] {
        let ran = place.run(["scan", "tree", "--db", "a.db", "--format", format, "-vv"]);
        assert_eq!(ran.code(), 0, "{}", ran.stderr());
        held(&ran.stdout(), format);
        held(&ran.stderr(), "the log");
        if format == "json" {
            assert!(
                ran.stdout().contains("hard-coded-credential"),
                "a credential in the code is a finding"
            );
        }
    }
    for file in ["a.db", "a.db-wal", "a.db-shm"] {
        let bytes = std::fs::read(place.beside(file)).unwrap_or_default();
        held(&String::from_utf8_lossy(&bytes), file);
    }
}
