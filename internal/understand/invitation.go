package understand

import "strings"

// IntentInvited is the name under which flows ask for a message that carries
// the word of an invitation. It is recognised by its form and not by the lexicon.
const IntentInvited = "invited"

// InvitationPrefix begins every word of an invitation.
const InvitationPrefix = "AMIGA-"

// An invitation's word without its prefix, in characters. Those that we give
// out have six; a few more or less are a slip, which is answered as well.
const minInvitation, maxInvitation = 4, 8

// Invitation reads the word of an invitation out of a message: "Hola,
// amiga 7fk3q2" holds "AMIGA-7FK3Q2". What follows the prefix holds a digit and a
// letter at least, so that "amiga gracias" is no invitation. Whether anybody gave
// the word out is another matter.
func Invitation(text string) (word string, ok bool) {
	if len(text) > maxBytes {
		return "", false
	}
	pieces := strings.FieldsFunc(strings.ToUpper(text), func(r rune) bool { return !capital(r) && (r < '0' || r > '9') })
	prefix := strings.TrimSuffix(InvitationPrefix, "-")
	for i, p := range pieces {
		rest, found := strings.CutPrefix(p, prefix)
		if found && rest == "" && i+1 < len(pieces) {
			rest = pieces[i+1]
		}
		if found && invitationForm(rest) {
			return InvitationPrefix + rest, true
		}
	}
	return "", false
}

func invitationForm(rest string) bool {
	return len(rest) >= minInvitation && len(rest) <= maxInvitation &&
		strings.ContainsAny(rest, "0123456789") && strings.ContainsFunc(rest, capital)
}

func capital(r rune) bool { return r >= 'A' && r <= 'Z' }
