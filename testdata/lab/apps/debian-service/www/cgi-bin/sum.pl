#!/usr/bin/perl
# /cgi-bin/sum.pl?1,2,3
use strict;
use warnings;

my @numbers = split /,/, $ENV{QUERY_STRING} // '';
my $bad = grep { !/^-?\d{1,9}$/ } @numbers;
my $sum = 0;
$sum += $_ for $bad ? () : @numbers;
print $bad ? "Status: 400\r\n" : '', "Content-Type: text/plain\r\n\r\n";
print $bad ? "numbers only\n" : scalar(@numbers) . " numbers, $sum in all\n";
