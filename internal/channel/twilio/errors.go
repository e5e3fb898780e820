package twilio

import (
	"fmt"
	"net/http"
	"time"

	"valebot/internal/message"
)

// ruling is what one of Twilio's error codes means for a message, who waits
// because of it, and why, in the words of the log. Twilio's own texts repeat
// numbers and are never logged.
type ruling struct {
	class message.Class
	why   string
	hold  message.Hold
}

// rulings is data, not code, because Twilio splits and adds codes. It is never
// written. The same codes come in answers to a send and in status callbacks.
// Meanings: https://www.twilio.com/docs/api/errors; the classes are ours.
var rulings = map[int]ruling{
	20429: {message.Safe, "too many requests", message.HoldSender},
	20500: {message.Ambiguous, "internal server error", message.HoldNobody},
	20503: {message.Ambiguous, "service unavailable", message.HoldNobody},

	10001: {message.Config, "account is not active", message.HoldSender},
	20003: {message.Config, "authentication failed", message.HoldSender},
	20005: {message.Config, "account is not active", message.HoldSender},
	20404: {message.Config, "account or resource not found", message.HoldSender},
	21212: {message.Config, "invalid sender number", message.HoldSender},
	21408: {message.Config, "no permission for the destination country", message.HoldNobody},
	21603: {message.Config, "a sender is required", message.HoldSender},
	21606: {message.Config, "sender is not ours or cannot send", message.HoldSender},
	21609: {message.Config, "invalid status callback URL", message.HoldNobody},
	21659: {message.Config, "sender is not a number of Twilio", message.HoldSender},
	21660: {message.Config, "sender belongs to another account", message.HoldSender},
	21703: {message.Config, "messaging service has no sender", message.HoldSender},
	21704: {message.Config, "messaging service has no sender for the country", message.HoldSender},
	21705: {message.Config, "messaging service is invalid", message.HoldSender},
	21709: {message.Config, "sender is not usable by the messaging service", message.HoldSender},
	30002: {message.Config, "account suspended", message.HoldSender},
	30018: {message.Config, "destination carrier requires registration", message.HoldSender},
	30024: {message.Config, "sender is not provisioned at the carrier", message.HoldSender},
	30032: {message.Config, "toll-free number is not verified", message.HoldSender},
	30034: {message.Config, "number is not registered for this traffic", message.HoldSender},
	63007: {message.Config, "no channel with that sender", message.HoldSender},
	63008: {message.Config, "channel is misconfigured", message.HoldSender},

	21610: {message.OptedOut, "recipient unsubscribed", message.HoldNobody},

	21211: {message.BadNumber, "invalid recipient number", message.HoldNobody},
	21604: {message.BadNumber, "a recipient is required", message.HoldNobody},
	21614: {message.BadNumber, "recipient is not a mobile number", message.HoldNobody},
	30005: {message.BadNumber, "unknown handset", message.HoldNobody},
	30006: {message.BadNumber, "landline or unreachable carrier", message.HoldNobody},

	21611: {message.Defer, "queue of the sender is full", message.HoldSender},
	30001: {message.Defer, "queue overflow", message.HoldSender},
	30003: {message.Defer, "handset is unreachable", message.HoldNobody},
	30008: {message.Defer, "unknown error at the carrier", message.HoldNobody},
	30017: {message.Defer, "carrier network congestion", message.HoldSender},
	30022: {message.Defer, "rate of the carrier exceeded", message.HoldSender},
	30023: {message.Defer, "daily cap of the carrier reached", message.HoldSender},
	63009: {message.Defer, "channel provider returned an error", message.HoldNobody},
	63010: {message.Defer, "channel internal error", message.HoldNobody},
	63012: {message.Defer, "channel provider internal error", message.HoldNobody},
	63017: {message.Defer, "rate of the account exceeded", message.HoldSender},
	63018: {message.Defer, "rate of the channel exceeded", message.HoldPair},
	63019: {message.Defer, "media failed to download", message.HoldNobody},
	63020: {message.Defer, "channel provider did not accept yet", message.HoldNobody},

	21612: {message.Switch, "no route between sender and recipient", message.HoldNobody},
	30004: {message.Switch, "message blocked", message.HoldNobody},
	30007: {message.Switch, "filtered by the carrier", message.HoldNobody},
	63003: {message.Switch, "recipient is not on the channel", message.HoldNobody},
	63016: {message.Switch, "outside the window without a template", message.HoldNobody},
	63024: {message.Switch, "recipient cannot receive on the channel", message.HoldNobody},
	63032: {message.Switch, "recipient is in an experiment of the channel", message.HoldNobody},
	63033: {message.Switch, "recipient blocked the channel", message.HoldNobody},
	63049: {message.Switch, "marketing cap of the recipient reached", message.HoldNobody},

	21602: {message.Fatal, "body is missing", message.HoldNobody},
	21617: {message.Fatal, "body is too long", message.HoldNobody},
	21620: {message.Fatal, "invalid media URL", message.HoldNobody},
	21623: {message.Fatal, "invalid media", message.HoldNobody},
	21656: {message.Fatal, "invalid content variables", message.HoldNobody},
	30036: {message.Fatal, "validity period ended", message.HoldNobody},
	63005: {message.Fatal, "channel refused the content", message.HoldNobody},
	63013: {message.Fatal, "violates a policy of the channel", message.HoldNobody},
	63021: {message.Fatal, "channel refused the content as invalid", message.HoldNobody},
	63026: {message.Fatal, "message type is not allowed", message.HoldNobody},
	63027: {message.Fatal, "template does not exist in that language", message.HoldNobody},
	63028: {message.Fatal, "wrong number of template parameters", message.HoldNobody},
	63030: {message.Fatal, "unsupported parameter for the channel", message.HoldNobody},
	63031: {message.Fatal, "sender and recipient are the same", message.HoldNobody},
	63034: {message.Fatal, "media is too large", message.HoldNobody},
	63040: {message.Fatal, "template was rejected", message.HoldNobody},
	63041: {message.Fatal, "template is paused or disabled", message.HoldNobody},
}

// failed is what a code means that came in a status: class and hold. The message
// was processed then, so neither "not processed" nor "nobody knows" can be true:
// it may be tried again later.
func failed(code int) (message.Class, message.Hold) {
	class := ClassOfCode(code)
	if class == message.Safe || class == message.Ambiguous {
		class = message.Defer
	}
	return class, rulings[code].hold
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
	r, known := rulings[code]
	e := &message.SendError{Code: code, HTTP: status, RetryAfter: wait, Hold: r.hold}
	switch {
	case status == http.StatusTooManyRequests || code == 20429:
		e.Class, e.Hold = message.Safe, message.HoldSender
	case status >= 500 || status == http.StatusRequestTimeout:
		e.Class, e.Hold = message.Ambiguous, message.HoldNobody
	case known:
		e.Class = ClassOfCode(code)
	case status < 400, status == http.StatusUnauthorized, status == http.StatusForbidden, status == http.StatusNotFound,
		status == http.StatusMethodNotAllowed, status == http.StatusProxyAuthRequired:
		e.Class, e.Hold = message.Config, message.HoldSender // the wrong place or the wrong key, whatever the message
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
