// Package signed checks OpenPGP signatures of texts that carry their own (RFC 9580,
// section 7), as the InRelease files of a Debian archive do, and makes them for
// archives of one's own. Only the text that a signature covers is handed out.
package signed

import (
	"bytes"
	"crypto"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/ProtonMail/go-crypto/openpgp"
	"github.com/ProtonMail/go-crypto/openpgp/armor"
	"github.com/ProtonMail/go-crypto/openpgp/clearsign"
	"github.com/ProtonMail/go-crypto/openpgp/packet"
)

// maxSignatures is how many signatures of one text are tried: Debian's have three.
const maxSignatures = 16

// Keyring holds the public keys that are trusted.
type Keyring struct {
	keys openpgp.EntityList
}

// ReadKeyring reads public keys, in the binary form of apt's keyrings or armored.
func ReadKeyring(data []byte) (*Keyring, error) {
	read := openpgp.ReadKeyRing
	if bytes.HasPrefix(bytes.TrimSpace(data), []byte("-----BEGIN PGP")) {
		read = openpgp.ReadArmoredKeyRing
	}
	keys, err := read(bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("no OpenPGP keyring: %w", err)
	}
	if len(keys) == 0 {
		return nil, errors.New("the keyring holds no key")
	}
	return &Keyring{keys}, nil
}

// Open returns the text that one of the trusted keys has signed, and the
// fingerprint of that key in hexadecimal digits. A key counts where it is neither
// expired nor revoked at the time now. Anything before or after the signed text is
// an error, so that nobody reads what no signature covers.
func (k *Keyring) Open(data []byte, now time.Time) (text []byte, signer string, err error) {
	block, rest := clearsign.Decode(data)
	if block == nil {
		return nil, "", errors.New("it is not signed")
	}
	if len(bytes.TrimSpace(rest)) > 0 || !bytes.HasPrefix(bytes.TrimSpace(data), []byte("-----BEGIN PGP SIGNED MESSAGE-----")) {
		return nil, "", errors.New("there is text that the signature does not cover")
	}
	conf := &packet.Config{Time: func() time.Time { return now }}
	var why error
	packets := packet.NewReader(io.LimitReader(block.ArmoredSignature.Body, 1<<20))
	for range maxSignatures {
		p, err := packets.Next()
		if err != nil {
			break // the end, or what is no packet: the signatures before it count
		}
		sig, ok := p.(*packet.Signature)
		if !ok || weak(sig.Hash) {
			continue
		}
		var one bytes.Buffer
		if err := sig.Serialize(&one); err != nil {
			continue
		}
		// The library looks at the first signature of a known key only; an
		// archive in the middle of a change of keys has one that counts beside it.
		by, err := openpgp.CheckDetachedSignature(k.keys, bytes.NewReader(block.Bytes), &one, conf)
		if err == nil {
			// Not the text as it stands there: blanks at the ends of lines are not signed.
			return bytes.ReplaceAll(block.Bytes, []byte("\r\n"), []byte("\n")), fmt.Sprintf("%X", by.PrimaryKey.Fingerprint), nil
		}
		if why == nil {
			why = err
		}
	}
	if why == nil {
		return nil, "", errors.New("it has no signature that can be checked")
	}
	return nil, "", fmt.Errorf("no key of the keyring has signed it: %w", why)
}

// weak are the digests that no longer keep anybody from making another text of the
// same signature.
func weak(h crypto.Hash) bool {
	return h == crypto.MD5 || h == crypto.SHA1 || h == crypto.RIPEMD160
}

// Key is a key to sign with.
type Key struct {
	entity *openpgp.Entity
	when   time.Time
}

// NewKey makes a key that is valid from a time on, for ever or for some time.
func NewKey(name string, when time.Time, lifetime time.Duration) (*Key, error) {
	conf := &packet.Config{Algorithm: packet.PubKeyAlgoEdDSA, Time: func() time.Time { return when }, KeyLifetimeSecs: uint32(lifetime / time.Second)}
	e, err := openpgp.NewEntity(name, "", "", conf)
	if err != nil {
		return nil, err
	}
	return &Key{e, when}, nil
}

// Public is the keyring that trusts the key and no other.
func (k *Key) Public() ([]byte, error) {
	var out bytes.Buffer
	w, err := armor.Encode(&out, openpgp.PublicKeyType, nil)
	if err != nil {
		return nil, err
	}
	if err := k.entity.Serialize(w); err != nil {
		return nil, err
	}
	err = w.Close()
	return out.Bytes(), err
}

// Sign puts a signature around a text, and with it those of more keys.
func (k *Key) Sign(text []byte, more ...*Key) ([]byte, error) {
	var keys []*packet.PrivateKey
	for _, key := range append([]*Key{k}, more...) {
		keys = append(keys, key.entity.PrivateKey)
	}
	var out bytes.Buffer
	w, err := clearsign.EncodeMulti(&out, keys, &packet.Config{Time: func() time.Time { return k.when }})
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(text); err != nil {
		return nil, err
	}
	err = w.Close()
	return out.Bytes(), err
}
