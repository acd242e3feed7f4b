package debian

import (
	"archive/tar"
	"bytes"
	"crypto/sha1"
	"crypto/x509"
	"encoding/binary"
	"encoding/pem"
	"path"
	"strings"
	"time"
	"unicode/utf16"
)

const (
	// Bundle is where programs find the certificates of authorities.
	Bundle     = "etc/ssl/certs/ca-certificates.crt"
	javaBundle = "etc/ssl/certs/java/cacerts"
	shipped    = "usr/share/ca-certificates/"
)

// certificates does what update-ca-certificates does: it makes one file of all
// certificates, and a link to each. Links by hash are not made, as the bundle is what
// the libraries look into first.
func (r *root) certificates(when time.Time) error {
	if r.packages["ca-certificates"] == nil {
		return nil
	}
	var all bytes.Buffer
	var named []trusted
	for _, p := range r.paths() {
		f := r.files[p]
		if !strings.HasPrefix(p, shipped) || path.Ext(p) != ".crt" || f.kind != tar.TypeReg {
			continue
		}
		block, _ := pem.Decode(f.data)
		if block == nil || block.Type != "CERTIFICATE" {
			continue
		}
		if _, err := x509.ParseCertificate(block.Bytes); err != nil {
			r.notes = append(r.notes, "/"+p+" is no certificate that can be read; it is left out of the bundle")
			continue
		}
		all.Write(bytes.TrimRight(f.data, "\n"))
		all.WriteByte('\n')
		name := strings.TrimSuffix(path.Base(p), ".crt") + ".pem"
		named = append(named, trusted{"debian:" + strings.ToLower(name), block.Bytes})
		if err := r.link("etc/ssl/certs/"+name, "/"+p, when); err != nil {
			return err
		}
	}
	if all.Len() == 0 {
		return nil
	}
	if err := r.write(Bundle, all.Bytes(), when); err != nil {
		return err
	}
	// OpenSSL's own default, which only the package openssl would bring.
	for _, l := range [][2]string{{"usr/lib/ssl/certs", "/etc/ssl/certs"}, {"usr/lib/ssl/cert.pem", "/" + Bundle}} {
		if err := r.link(l[0], l[1], when); err != nil {
			return err
		}
	}
	if r.packages["ca-certificates-java"] == nil {
		return nil
	}
	return r.write(javaBundle, keyStore(named, when), when)
}

// trusted is a certificate under the name it has in a key store.
type trusted struct {
	alias string
	der   []byte
}

// keyStore writes certificates in Java's own format (JKS, version 2), as
// ca-certificates-java does: the one of which every Java knows the password.
func keyStore(certs []trusted, when time.Time) []byte {
	const password = "changeit"
	var out bytes.Buffer
	put := func(v any) { _ = binary.Write(&out, binary.BigEndian, v) } // a buffer takes all
	text := func(s string) {
		put(uint16(len(s)))
		out.WriteString(s)
	}
	put(uint32(0xfeedfeed))
	put(uint32(2))
	put(uint32(len(certs)))
	for _, c := range certs {
		put(uint32(2)) // a trusted certificate, and no key
		text(javaText(c.alias))
		put(when.UnixMilli())
		text("X.509")
		put(uint32(len(c.der)))
		out.Write(c.der)
	}
	sum := sha1.New() // as the format wants it: it guards against accidents
	_ = binary.Write(sum, binary.BigEndian, utf16.Encode([]rune(password)))
	sum.Write([]byte("Mighty Aphrodite"))
	sum.Write(out.Bytes())
	out.Write(sum.Sum(nil))
	return out.Bytes()
}

// javaText leaves out what Java's UTF-8 writes otherwise: NUL, and characters beyond
// 16 bits. The length has 16 bits as well.
func javaText(s string) string {
	s = strings.Map(func(c rune) rune {
		if c == 0 || c > 0xffff {
			return '_'
		}
		return c
	}, strings.ToValidUTF8(s, "_"))
	return s[:min(len(s), 1<<15)]
}
