package whatsapp

import (
	"fmt"
	"net/http"
	"time"

	"valebot/internal/message"
)

// ruling is what one of Meta's error codes means for a message, who waits because
// of it, and why, in the words of the log. Meta's own texts repeat numbers and
// are never logged.
type ruling struct {
	class message.Class
	hold  message.Hold
	why   string
}

// rulings is data, not code, because Meta adds codes. It is never written. The
// same codes come in answers to a send and in failed statuses. Meanings:
// https://developers.facebook.com/docs/whatsapp/cloud-api/support/error-codes;
// the classes are ours.
var rulings = map[int]ruling{
	0:      {message.Config, message.HoldSender, "cannot authenticate"},
	3:      {message.Config, message.HoldSender, "no capability for this call"},
	10:     {message.Config, message.HoldSender, "permission missing"},
	190:    {message.Config, message.HoldSender, "access token expired"},
	368:    {message.Config, message.HoldSender, "blocked for a violation of policy"},
	130497: {message.Config, message.HoldSender, "not allowed to write to this country"},
	131005: {message.Config, message.HoldSender, "access denied"},
	131031: {message.Config, message.HoldSender, "account locked"},
	131037: {message.Config, message.HoldSender, "display name is not approved"},
	131042: {message.Config, message.HoldSender, "payment of the account is not in order"},
	131045: {message.Config, message.HoldSender, "number is not registered"},
	131064: {message.Config, message.HoldSender, "account is restricted"},
	133010: {message.Config, message.HoldSender, "number is not registered"},
	133016: {message.Config, message.HoldSender, "registration tried too often"},

	4:      {message.Safe, message.HoldSender, "rate of the app exceeded"},
	80007:  {message.Safe, message.HoldSender, "rate of the account exceeded"},
	130429: {message.Safe, message.HoldSender, "throughput of the number exceeded"},
	131056: {message.Safe, message.HoldPair, "too many messages to this person"},

	1:      {message.Ambiguous, message.HoldNobody, "unknown error of the API"},
	2:      {message.Ambiguous, message.HoldNobody, "temporarily down"},
	131000: {message.Ambiguous, message.HoldNobody, "something went wrong"},
	131016: {message.Ambiguous, message.HoldNobody, "service unavailable"},
	135000: {message.Ambiguous, message.HoldNobody, "generic error of the user"},

	131048: {message.Defer, message.HoldSender, "limit for spam reached"},
	131052: {message.Defer, message.HoldNobody, "media not downloaded"},
	131053: {message.Defer, message.HoldNobody, "media not uploaded"},
	131057: {message.Defer, message.HoldSender, "account in maintenance"},
	133004: {message.Defer, message.HoldSender, "server temporarily unavailable"},

	130472: {message.Switch, message.HoldNobody, "recipient is in an experiment"},
	131026: {message.Switch, message.HoldNobody, "recipient cannot be reached on WhatsApp"},
	131030: {message.Switch, message.HoldNobody, "recipient is not on the list of test numbers"},
	131047: {message.Switch, message.HoldNobody, "outside the window without a template"},
	470:    {message.Switch, message.HoldNobody, "outside the window without a template"},
	131062: {message.Switch, message.HoldNobody, "needs a phone, not a user id"},
	131021: {message.BadNumber, message.HoldNobody, "recipient is the sender"},
	137000: {message.Changed, message.HoldNobody, "identity of the recipient changed"},

	131049: {message.Fatal, message.HoldNobody, "marketing cap of the recipient reached"},
	131050: {message.Fatal, message.HoldNobody, "recipient stopped marketing"},

	100:    {message.Fatal, message.HoldNobody, "invalid parameter"},
	131008: {message.Fatal, message.HoldNobody, "parameter is missing"},
	131009: {message.Fatal, message.HoldNobody, "value of a parameter is invalid"},
	131051: {message.Fatal, message.HoldNobody, "message type is not supported"},
	132000: {message.Fatal, message.HoldNobody, "wrong number of template parameters"},
	132001: {message.Fatal, message.HoldNobody, "template does not exist in that language"},
	132005: {message.Fatal, message.HoldNobody, "template is too long once filled"},
	132007: {message.Fatal, message.HoldNobody, "template violates a policy"},
	132008: {message.Fatal, message.HoldNobody, "template parameters are of the wrong format"},
	132012: {message.Fatal, message.HoldNobody, "template parameters are of the wrong type"},
	132015: {message.Fatal, message.HoldNobody, "template is paused"},
	132016: {message.Fatal, message.HoldNobody, "template is disabled"},
	132018: {message.Fatal, message.HoldNobody, "template parameters do not fit"},
}

// templateFault reports whether a code says that the template itself is no good,
// so that sending it to the next person would fail as well.
func templateFault(code int) bool {
	return code == 132001 || code == 132007 || code == 132015 || code == 132016
}

// judge returns what a code means. A code that is not in the table is judged by
// its family: permissions (200 to 299) and templates (132…) are known; the rest
// may pass once.
func judge(code int) ruling {
	if r, ok := rulings[code]; ok {
		return r
	}
	switch {
	case code >= 200 && code < 300:
		return ruling{message.Config, message.HoldSender, "permission missing"}
	case code/1000 == 132:
		return ruling{message.Fatal, message.HoldNobody, "template refused"}
	}
	return ruling{message.Defer, message.HoldNobody, "unknown code"}
}

// pairPause is how long nothing goes to a person after 131056: the time that one
// message to the same person costs.
const pairPause = 6 * time.Second

// refusal turns an HTTP answer other than success into an error. A 429 was never
// processed; after a 5xx nobody knows, whatever code it carries.
func refusal(status, code int, coded bool, wait time.Duration) *message.SendError {
	r := judge(code)
	e := &message.SendError{Class: r.class, Hold: r.hold, Code: code, HTTP: status, RetryAfter: wait}
	switch {
	case coded && r.class == message.Safe, status == http.StatusTooManyRequests:
		e.Class = message.Safe
		if e.Hold == message.HoldNobody {
			e.Hold = message.HoldSender
		}
	case status >= 500 || status == http.StatusRequestTimeout:
		e.Class, e.Hold = message.Ambiguous, message.HoldNobody
	case coded:
	case status == http.StatusBadRequest:
		e.Class, e.Hold = message.Fatal, message.HoldNobody
	default:
		e.Class, e.Hold = message.Config, message.HoldSender // the wrong place or the wrong key
	}
	if e.Hold == message.HoldPair {
		e.RetryAfter = max(wait, pairPause)
	}
	e.Err = describe(status, code)
	return e
}

func describe(status, code int) error {
	if r, ok := rulings[code]; ok && code != 0 {
		return fmt.Errorf("whatsapp %d (HTTP %d): %s", code, status, r.why)
	}
	return fmt.Errorf("whatsapp %d (HTTP %d)", code, status)
}
