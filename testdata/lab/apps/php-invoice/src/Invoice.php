<?php
declare(strict_types=1);

final class Invoice
{
    /** Sum of prices and the tax on them, exactly. */
    public static function total(array $prices, string $rate): string
    {
        $sum = array_reduce($prices, fn (string $s, string $p) => bcadd($s, $p, 2), '0');
        return bcadd($sum, bcdiv(bcmul($sum, $rate, 4), '100', 2), 2);
    }
}
