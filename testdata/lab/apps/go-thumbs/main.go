// Command thumbs writes a JPEG of a few pixels, scaled from a drawing of its own.
package main

import (
	"fmt"
	"hash/crc32"
	"image"
	"image/color"
	"image/jpeg"
	"os"
	"strconv"

	"github.com/spf13/cobra"
	"golang.org/x/image/draw"
	"gopkg.in/yaml.v3"
)

func drawing() image.Image {
	img := image.NewRGBA(image.Rect(0, 0, 256, 256))
	for i := range img.Pix {
		img.Pix[i] = uint8(i * i >> 7)
	}
	img.Set(0, 0, color.White)
	return img
}

func main() {
	var size string
	root := &cobra.Command{
		Use: "thumbs FILE", Args: cobra.ExactArgs(1), SilenceUsage: true,
		RunE: func(_ *cobra.Command, args []string) error {
			n, err := strconv.Atoi(size)
			if err != nil || n < 1 || n > 256 {
				return fmt.Errorf("no size: %s", size)
			}
			to := image.NewRGBA(image.Rect(0, 0, n, n))
			draw.CatmullRom.Scale(to, to.Bounds(), drawing(), image.Rect(0, 0, 256, 256), draw.Src, nil)
			f, err := os.Create(args[0])
			if err != nil {
				return err
			}
			defer f.Close()
			facts, err := yaml.Marshal(map[string]any{"size": n, "sum": crc32.ChecksumIEEE(to.Pix)})
			if err != nil {
				return err
			}
			fmt.Print(string(facts))
			return jpeg.Encode(f, to, nil)
		},
	}
	root.Flags().StringVarP(&size, "size", "s", "16", "pixels")
	if root.Execute() != nil {
		os.Exit(1)
	}
}
