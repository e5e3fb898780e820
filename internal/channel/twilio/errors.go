package twilio

import (
	"fmt"
	"net/http"
	"time"

	"valebot/internal/message"
)

// ruling is what one of Twilio's error codes means for a message, and why, in the
// words of the log. Twilio's own texts repeat numbers and are never logged.
type ruling struct {
	class message.Class
	why   string
}

// rulings is data, not code, because Twilio splits and adds codes. It is never
// written. The same codes come in answers to a send and in status callbacks.
// Meanings: https://www.twilio.com/docs/api/errors; the classes are ours.
var rulings = map[int]ruling{
	20429: {message.Safe, "too many requests"},
	20500: {message.Ambiguous, "internal server error"},
	20503: {message.Ambiguous, "service unavailable"},

	10001: {message.Config, "account is not active"},
	20003: {message.Config, "authentication failed"},
	20005: {message.Config, "account is not active"},
	20404: {message.Config, "account or resource not found"},
	21212: {message.Config, "invalid sender number"},
	21408: {message.Config, "no permission for the destination country"},
	21603: {message.Config, "a sender is required"},
	21606: {message.Config, "sender is not ours or cannot send"},
	21609: {message.Config, "invalid status callback URL"},
	21659: {message.Config, "sender is not a number of Twilio"},
	21660: {message.Config, "sender belongs to another account"},
	21703: {message.Config, "messaging service has no sender"},
	21704: {message.Config, "messaging service has no sender for the country"},
	21705: {message.Config, "messaging service is invalid"},
	21709: {message.Config, "sender is not usable by the messaging service"},
	30002: {message.Config, "account suspended"},
	30018: {message.Config, "destination carrier requires registration"},
	30024: {message.Config, "sender is not provisioned at the carrier"},
	30032: {message.Config, "toll-free number is not verified"},
	30034: {message.Config, "number is not registered for this traffic"},
	63007: {message.Config, "no channel with that sender"},
	63008: {message.Config, "channel is misconfigured"},

	21610: {message.OptedOut, "recipient unsubscribed"},

	21211: {message.BadNumber, "invalid recipient number"},
	21604: {message.BadNumber, "a recipient is required"},
	21614: {message.BadNumber, "recipient is not a mobile number"},
	30005: {message.BadNumber, "unknown handset"},
	30006: {message.BadNumber, "landline or unreachable carrier"},

	21611: {message.Defer, "queue of the sender is full"},
	30001: {message.Defer, "queue overflow"},
	30003: {message.Defer, "handset is unreachable"},
	30008: {message.Defer, "unknown error at the carrier"},
	30017: {message.Defer, "carrier network congestion"},
	30022: {message.Defer, "rate of the carrier exceeded"},
	30023: {message.Defer, "daily cap of the carrier reached"},
	63009: {message.Defer, "channel provider returned an error"},
	63010: {message.Defer, "channel internal error"},
	63012: {message.Defer, "channel provider internal error"},
	63017: {message.Defer, "rate of the account exceeded"},
	63018: {message.Defer, "rate of the channel exceeded"},
	63019: {message.Defer, "media failed to download"},
	63020: {message.Defer, "channel provider did not accept yet"},

	21612: {message.Switch, "no route between sender and recipient"},
	30004: {message.Switch, "message blocked"},
	30007: {message.Switch, "filtered by the carrier"},
	63003: {message.Switch, "recipient is not on the channel"},
	63016: {message.Switch, "outside the window without a template"},
	63024: {message.Switch, "recipient cannot receive on the channel"},
	63032: {message.Switch, "recipient is in an experiment of the channel"},
	63033: {message.Switch, "recipient blocked the channel"},
	63049: {message.Switch, "marketing cap of the recipient reached"},

	21602: {message.Fatal, "body is missing"},
	21617: {message.Fatal, "body is too long"},
	21620: {message.Fatal, "invalid media URL"},
	21623: {message.Fatal, "invalid media"},
	21656: {message.Fatal, "invalid content variables"},
	30036: {message.Fatal, "validity period ended"},
	63005: {message.Fatal, "channel refused the content"},
	63013: {message.Fatal, "violates a policy of the channel"},
	63021: {message.Fatal, "channel refused the content as invalid"},
	63026: {message.Fatal, "message type is not allowed"},
	63027: {message.Fatal, "template does not exist in that language"},
	63028: {message.Fatal, "wrong number of template parameters"},
	63030: {message.Fatal, "unsupported parameter for the channel"},
	63031: {message.Fatal, "sender and recipient are the same"},
	63034: {message.Fatal, "media is too large"},
	63040: {message.Fatal, "template was rejected"},
	63041: {message.Fatal, "template is paused or disabled"},
}

// ClassOfCode returns what one of Twilio's error codes means for the message that
// it came with, in an answer or in a status callback. A code that is not in the
// table is judged by its family: 2xxxx is our request, 3xxxx the carrier, 6xxxx
// the channel, 1xxxx the account. Zero, which is no code, is Defer.
func ClassOfCode(code int) message.Class {
	if r, ok := rulings[code]; ok {
		return r.class
	}
	switch code / 10000 {
	case 1:
		return message.Config
	case 2:
		return message.Fatal
	case 6:
		return message.Switch
	}
	return message.Defer
}

// refusal turns an HTTP answer other than success into an error. The status wins
// where it says more than the code: 429 was never processed, and after a 5xx
// nobody knows.
func refusal(status, code int, wait time.Duration) *message.SendError {
	e := &message.SendError{Code: code, HTTP: status, RetryAfter: wait}
	_, known := rulings[code]
	switch {
	case status == http.StatusTooManyRequests || code == 20429:
		e.Class = message.Safe
	case status >= 500 || status == http.StatusRequestTimeout:
		e.Class = message.Ambiguous
	case known:
		e.Class = ClassOfCode(code)
	case status < 400, status == http.StatusUnauthorized, status == http.StatusForbidden, status == http.StatusNotFound,
		status == http.StatusMethodNotAllowed, status == http.StatusProxyAuthRequired:
		e.Class = message.Config // the wrong place or the wrong key, whatever the message
	case code != 0:
		e.Class = ClassOfCode(code)
	default:
		e.Class = message.Fatal
	}
	e.Err = describe(status, code)
	return e
}

func describe(status, code int) error {
	if r, ok := rulings[code]; ok {
		return fmt.Errorf("twilio %d (HTTP %d): %s", code, status, r.why)
	}
	return fmt.Errorf("twilio %d (HTTP %d)", code, status)
}
