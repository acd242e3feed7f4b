package com.example.lexicon;

import java.io.IOException;
import java.util.List;

public final class Main {
    public static void main(String[] args) throws IOException {
        Lexicon lexicon = Lexicon.load("/lexicon.properties");
        if (args.length == 0) {
            System.out.println(lexicon.size() + " words");
            return;
        }
        for (String word : args) {
            List<String> found = lexicon.anagrams(word);
            System.out.println(word + ": " + String.join(", ", found));
            if (found.isEmpty()) {
                System.exit(1);
            }
        }
    }
}
