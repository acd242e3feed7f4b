<?php
declare(strict_types=1);

/** Feasts that move with Easter. */
final class Feasts
{
    private const OFFSETS = ['Ash Wednesday' => -46, 'Easter' => 0, 'Ascension' => 39, 'Pentecost' => 49];

    /** @return array<string, string> date by name */
    public static function of(int $year): array
    {
        $easter = new DateTimeImmutable("$year-03-21");
        $easter = $easter->modify(easter_days($year) . ' days');
        $out = [];
        foreach (self::OFFSETS as $name => $days) {
            $out[$name] = $easter->modify("$days days")->format('Y-m-d');
        }
        return $out;
    }
}
