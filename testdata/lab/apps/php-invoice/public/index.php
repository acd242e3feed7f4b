<?php
require __DIR__ . '/../src/Invoice.php';

header('Content-Type: text/plain');
echo gettext('total'), ' ', Invoice::total(explode(',', $_GET['prices'] ?? '0'), $_GET['rate'] ?? '19'), "\n";
