package com.example.roll;

import com.google.gson.GsonBuilder;
import java.util.Map;
import java.util.TreeMap;

/** Counts the names in its arguments. */
public final class Roll {
  private Roll() {}

  static Map<String, Integer> count(String... names) {
    Map<String, Integer> out = new TreeMap<>();
    for (String n : names) out.merge(n, 1, Integer::sum);
    return out;
  }

  public static void main(String[] args) {
    System.out.println(new GsonBuilder().setPrettyPrinting().create().toJson(count(args)));
  }
}
