<?php
require __DIR__ . '/../src/Feasts.php';

foreach ([2023 => '2023-04-09', 2024 => '2024-03-31', 2035 => '2035-03-25'] as $year => $want) {
    $got = Feasts::of($year)['Easter'];
    if ($got !== $want) {
        fwrite(STDERR, "Easter of $year is $want, not $got\n");
        exit(1);
    }
}
echo "ok\n";
