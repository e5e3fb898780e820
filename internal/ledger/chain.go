package ledger

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
)

// encodingVersion goes first into every hash, so that another encoding can
// never be taken for this one.
const encodingVersion = "valebot.ledger/1"

// Hash returns the SHA-256 that links e to the entry before it. prev is that
// entry's hash, empty for the first. Every field goes in with its length, so
// that no two different entries have the same encoding.
func Hash(prev []byte, e Entry) []byte {
	buf := make([]byte, 0, 512)
	for _, field := range []string{encodingVersion, string(prev), e.ID, e.Cause, e.Memo, e.Reverses} {
		buf = appendField(buf, field)
	}
	buf = binary.BigEndian.AppendUint64(buf, uint64(e.At.UnixMicro()))
	buf = binary.BigEndian.AppendUint64(buf, uint64(len(e.Lines)))
	for _, l := range e.Lines {
		buf = appendField(buf, string(l.Account.Code))
		buf = appendField(buf, l.Account.Owner)
		buf = binary.BigEndian.AppendUint64(buf, uint64(l.Amount))
	}
	sum := sha256.Sum256(buf)
	return sum[:]
}

func appendField(buf []byte, s string) []byte {
	buf = binary.BigEndian.AppendUint64(buf, uint64(len(s)))
	return append(buf, s...)
}

// VerifyChain recomputes the hashes of entries in their order, starting from
// prev, and reports the first that differs from the one kept.
func VerifyChain(prev []byte, entries []Entry, hashes [][]byte) error {
	if len(entries) != len(hashes) {
		return fmt.Errorf("verify chain: %d entries have %d hashes", len(entries), len(hashes))
	}
	for i, e := range entries {
		prev = Hash(prev, e)
		if !bytes.Equal(prev, hashes[i]) {
			return fmt.Errorf("verify chain: entry %s (number %d) was changed", e.ID, i+1)
		}
	}
	return nil
}
