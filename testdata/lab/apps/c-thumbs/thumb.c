/* thumb FILE.png: halves a picture until it is at most 64 pixels wide; without a
   file it draws one and prints its size. */
#include <png.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static unsigned char *halve(unsigned char *in, unsigned *w, unsigned *h) {
  unsigned W = *w / 2, H = *h / 2;
  unsigned char *out = malloc((size_t)W * H * 3);
  for (unsigned y = 0; y < H; y++)
    for (unsigned x = 0; x < W * 3; x++) {
      unsigned at = 2 * y * *w * 3 + (x / 3) * 6 + x % 3;
      out[y * W * 3 + x] = (in[at] + in[at + 3] + in[at + *w * 3] + in[at + *w * 3 + 3]) / 4;
    }
  free(in);
  *w = W, *h = H;
  return out;
}

int main(int argc, char **argv) {
  png_image img;
  memset(&img, 0, sizeof img);
  img.version = PNG_IMAGE_VERSION;
  unsigned char *pixels;
  if (argc > 1) {
    if (!png_image_begin_read_from_file(&img, argv[1])) {
      fprintf(stderr, "%s: %s\n", argv[1], img.message);
      return 1;
    }
    img.format = PNG_FORMAT_RGB;
    pixels = malloc(PNG_IMAGE_SIZE(img));
    png_image_finish_read(&img, NULL, pixels, 0, NULL);
  } else {
    img.width = img.height = 200, img.format = PNG_FORMAT_RGB;
    pixels = malloc(PNG_IMAGE_SIZE(img));
    for (unsigned i = 0; i < PNG_IMAGE_SIZE(img); i++) pixels[i] = i * i >> 9;
  }
  unsigned w = img.width, h = img.height;
  while (w > 64) pixels = halve(pixels, &w, &h);
  unsigned long sum = 0;
  for (unsigned i = 0; i < w * h * 3; i++) sum = sum * 31 + pixels[i];
  printf("%ux%u %08lx\n", w, h, sum & 0xffffffff);
  return 0;
}
