package engine

import (
	"valebot/internal/lending"
	"valebot/internal/message"
)

// switched notes what a person said about promotions with the channel's own
// switch. It counts for that channel alone: consent is specific (LFPDPPP, art. 8).
func (t *talk) switched(msg message.Inbound) {
	if msg.OptOut != "STOP_MARKETING" && msg.OptOut != "START_MARKETING" {
		return
	}
	t.book.Consents = append(t.book.Consents, lending.Consent{
		Contact: t.c.Key, Channel: string(msg.From.Channel), Purpose: lending.MarketingPurpose, Granted: msg.OptOut == "START_MARKETING",
		Evidence: t.event.ID.String(), Actor: "provider:" + msg.Provider,
	})
}
