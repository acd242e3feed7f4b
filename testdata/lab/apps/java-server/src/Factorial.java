import java.math.BigInteger;

final class Factorial {
    static BigInteger of(int n) {
        if (n < 0 || n > 1000) {
            throw new IllegalArgumentException("out of range: " + n);
        }
        BigInteger f = BigInteger.ONE;
        for (int i = 2; i <= n; i++) {
            f = f.multiply(BigInteger.valueOf(i));
        }
        return f;
    }
}
