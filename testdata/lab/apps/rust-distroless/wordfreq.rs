//! wordfreq FILE: how often each word stands in a file, the most frequent first.
use std::collections::BTreeMap;
use std::{env, fs, process};

fn main() {
    let path = env::args().nth(1).unwrap_or_default();
    let text = fs::read_to_string(&path).unwrap_or_else(|e| {
        eprintln!("wordfreq: {path:?}: {e}");
        process::exit(1);
    });
    let mut count = BTreeMap::new();
    for word in text.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()) {
        *count.entry(word.to_lowercase()).or_insert(0) += 1;
    }
    let mut words: Vec<_> = count.into_iter().collect();
    words.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    for (word, n) in words {
        println!("{n:4} {word}");
    }
}
