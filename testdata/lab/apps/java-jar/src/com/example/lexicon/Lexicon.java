package com.example.lexicon;

import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.TreeSet;

/** Words by their letters. */
final class Lexicon {
    private final Map<String, TreeSet<String>> words = new HashMap<>();
    private int size;

    static Lexicon load(String resource) throws IOException {
        Properties p = new Properties();
        try (InputStream in = Lexicon.class.getResourceAsStream(resource)) {
            p.load(in);
        }
        Lexicon l = new Lexicon();
        for (String list : p.stringPropertyNames()) {
            for (String word : p.getProperty(list).split("\\s+")) {
                if (l.words.computeIfAbsent(key(word), k -> new TreeSet<>()).add(word)) {
                    l.size++;
                }
            }
        }
        return l;
    }

    private static String key(String word) {
        return word.toLowerCase().chars().sorted()
            .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append).toString();
    }

    List<String> anagrams(String word) {
        List<String> out = new ArrayList<>(words.getOrDefault(key(word), new TreeSet<>()));
        out.remove(word);
        return out;
    }

    int size() {
        return size;
    }
}
