package lending

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
)

// sealVersion goes first into every seal, so that another encoding can never be
// taken for this one.
const sealVersion = "valebot.acceptance/1"

// AcceptanceSeal is the SHA-256, in hex, of all that proves that a vale was
// accepted: what was offered, by its terms and its text, what was answered, by
// whom it was checked and when. It stands in the memo of the ledger entry that
// uses the credit line, so the chain of the ledger holds it, and nothing of it
// can be changed later without being seen.
func (v Vale) AcceptanceSeal() string {
	e := v.Evidence
	var buf []byte
	for _, field := range []string{
		sealVersion, v.ID.String(), v.Folio, v.PersonID.String(), v.TermsHash, v.Quote.Terms.Schedule, e.Flow,
		e.Offer, e.OfferHash, e.Question, e.QuestionHash, e.Reply, e.ReplyText, e.Identity,
	} {
		buf = binary.BigEndian.AppendUint64(buf, uint64(len(field)))
		buf = append(buf, field...)
	}
	buf = binary.BigEndian.AppendUint64(buf, uint64(e.At.UnixMicro()))
	sum := sha256.Sum256(buf)
	return hex.EncodeToString(sum[:])
}

// acceptedMemo is the memo of the entry by which an acceptance uses the line.
// The postgres package finds seals by its form.
func acceptedMemo(v Vale) string {
	return "línea usada " + v.Folio + " aceptación " + v.AcceptanceSeal()
}
