<?php
declare(strict_types=1);

require __DIR__ . '/../src/Feasts.php';

$year = filter_input(INPUT_GET, 'year', FILTER_VALIDATE_INT, ['options' => ['min_range' => 1970, 'max_range' => 2037]]);
header('Content-Type: application/json');
if (!is_int($year)) {
    http_response_code(400);
    echo json_encode(['error' => 'a year from 1970 to 2037']), "\n";
    return;
}
echo json_encode(Feasts::of($year)), "\n";
