package casework

import (
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"valebot/internal/fault"
	"valebot/internal/gsm7"
	"valebot/internal/message"
)

// Person is somebody who works at the desk.
type Person struct {
	Login        string
	Name         string
	PasswordHash string
	Disabled     bool
	Role         Role
	Queues       []string // that she works; none named means all
}

// Role says what somebody may see and do at the desk.
type Role string

// The roles, as stored. An agent sees the chats of her queues and her own; the
// others see everything. An auditor changes nothing.
const (
	RoleAgent      Role = "agent"
	RoleSupervisor Role = "supervisor"
	RoleAuditor    Role = "auditor"
)

// Valid reports whether r is one of the roles.
func (r Role) Valid() bool { return r == RoleAgent || r == RoleSupervisor || r == RoleAuditor }

// Acts reports whether the role may change anything.
func (r Role) Acts() bool { return r == RoleAgent || r == RoleSupervisor }

// Leads reports whether the role decides for the whole desk: people, lines, flows.
func (r Role) Leads() bool { return r == RoleSupervisor }

// Session is an agent's way in. Its times are real ones, whatever the product's
// clock says.
type Session struct {
	Hash    [32]byte // SHA-256 of the token in the cookie
	Agent   string
	Name    string
	Role    Role
	CSRF    string
	Created time.Time
	Expires time.Time
}

// Gate limits tries at the login: Burst at once, then one Every so often.
type Gate struct {
	Key   string
	Every time.Duration
	Burst int
}

// Act is something that an agent does with a chat.
type Act struct {
	Case    uuid.UUID
	Agent   string    // login
	Epoch   int       // of the chat on the page that she saw
	Request uuid.UUID // of the form; the same request is done once
	At      time.Time
}

// Outcome is how an agent gives a chat back to the bot.
type Outcome string

// The outcomes, as flows name them.
const (
	Resolved Outcome = "resolved" // it is settled: the flow ends or goes on after it
	Returned Outcome = "returned" // the bot asks again where it stood
)

// Valid reports whether o is one of the outcomes.
func (o Outcome) Valid() bool { return o == Resolved || o == Returned }

// Lengths that a text of the desk may have, in characters.
const (
	MaxText   = 1000
	MaxReason = 200
)

// Text checks and tidies what an agent wrote. Codes: empty_text, long_text.
func Text(raw string, limit int) (string, error) {
	text := strings.TrimSpace(strings.ReplaceAll(strings.ToValidUTF8(raw, ""), "\x00", ""))
	text = strings.ReplaceAll(text, "\r\n", "\n")
	switch n := utf8.RuneCountInString(text); {
	case text == "":
		return "", fault.New(fault.Invalid, "empty_text", "Escribe algo antes de mandarlo.")
	case n > limit:
		return "", fault.Newf(fault.Invalid, "long_text", "El texto tiene %d letras y caben %d.", n, limit)
	}
	return text, nil
}

// Body is a reply as its channel sends it, with what it costs. On SMS it is
// folded: quotes and dashes that would double the price become plain ones.
func Body(text string, channel message.Channel) (body string, segments int) {
	if channel != message.SMS {
		return text, 1
	}
	body = gsm7.Fold(text)
	return body, gsm7.Count(body).Segments
}
