package main

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"go.mau.fi/whatsmeow"
	"go.mau.fi/whatsmeow/proto/waE2E"
	"go.mau.fi/whatsmeow/store"
	"go.mau.fi/whatsmeow/types"
	"go.mau.fi/whatsmeow/types/events"
	"google.golang.org/protobuf/proto"

	"valebot/cmd/valebot-whatsmeow/bridge"
)

var (
	phone  = types.NewJID("5216671234567", types.DefaultUserServer)
	hidden = types.NewJID("123456", types.HiddenUserServer)
)

// wire is a meow whose events go to a list, through the library's own dispatcher.
func wire(t *testing.T, ack bool) (*meow, *[]bridge.Event) {
	t.Helper()
	m := newMeow(&store.Device{})
	var got []bridge.Event
	m.cli.AddEventHandlerWithSuccessStatus(func(raw any) bool {
		e, ok := m.read(raw)
		if ok {
			got = append(got, e)
		}
		return !ok || ack
	})
	return m, &got
}

func message(w *waE2E.Message, change ...func(*events.Message)) *events.Message {
	v := &events.Message{Message: w, Info: types.MessageInfo{
		ID: "in1", PushName: "Ana", Timestamp: time.Date(2026, 3, 2, 16, 0, 0, 0, time.UTC),
		MessageSource: types.MessageSource{Chat: phone, Sender: phone, SenderAlt: hidden},
	}}
	for _, f := range change {
		f(v)
	}
	return v
}

func TestMessagesComeThroughTheLibrary(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		in   *waE2E.Message
		want bridge.Event
	}{
		"text":     {&waE2E.Message{Conversation: proto.String("sí")}, bridge.Event{Text: "sí"}},
		"reply":    {&waE2E.Message{ExtendedTextMessage: &waE2E.ExtendedTextMessage{Text: proto.String("sí"), ContextInfo: &waE2E.ContextInfo{StanzaID: proto.String("q")}}}, bridge.Event{Text: "sí", RepliesTo: "q"}},
		"picture":  {&waE2E.Message{ImageMessage: &waE2E.ImageMessage{Caption: proto.String("ticket"), Mimetype: proto.String("image/jpeg")}}, bridge.Event{Text: "ticket", MediaType: "image/jpeg"}},
		"voice":    {&waE2E.Message{AudioMessage: &waE2E.AudioMessage{Mimetype: proto.String("audio/ogg")}}, bridge.Event{MediaType: "audio/ogg"}},
		"document": {&waE2E.Message{DocumentMessage: &waE2E.DocumentMessage{Mimetype: proto.String("application/pdf"), FileName: proto.String("a.pdf")}}, bridge.Event{MediaType: "application/pdf", MediaName: "a.pdf"}},
		"reaction": {&waE2E.Message{ReactionMessage: &waE2E.ReactionMessage{Text: proto.String("👍")}}, bridge.Event{Text: "👍", What: "aside"}},
		"edit":     {&waE2E.Message{ProtocolMessage: &waE2E.ProtocolMessage{}}, bridge.Event{What: "aside"}},
	} {
		m, got := wire(t, true)
		if failed := m.cli.DangerousInternals().DispatchEvent(message(c.in)); failed || len(*got) != 1 {
			t.Errorf("%s: failed %t, got %v", name, failed, *got)
			continue
		}
		e := (*got)[0]
		c.want.Kind, c.want.ID, c.want.From, c.want.UserID, c.want.Name, c.want.At = bridge.Said, "in1", "+5216671234567", "123456@lid", "Ana", e.At
		if fmt.Sprint(e) != fmt.Sprint(c.want) {
			t.Errorf("%s: %+v, want %+v", name, e, c.want)
		}
	}
}

func TestNotForUs(t *testing.T) {
	t.Parallel()
	m, got := wire(t, true)
	hello := &waE2E.Message{Conversation: proto.String("hola")}
	for _, change := range []func(*events.Message){
		func(v *events.Message) { v.Info.IsFromMe = true }, func(v *events.Message) { v.Info.IsGroup = true },
		func(v *events.Message) { v.Info.Chat = types.NewJID("1", types.BroadcastServer) }, func(v *events.Message) { v.Message = nil },
	} {
		m.cli.DangerousInternals().DispatchEvent(message(hello, change))
	}
	m.cli.DangerousInternals().DispatchEvent(&events.Connected{})
	if len(*got) != 0 {
		t.Errorf("got %v", *got)
	}
}

// What was not passed on makes the library's handler fail, so that it is not
// acknowledged to WhatsApp.
func TestUnstoredIsNotAcknowledged(t *testing.T) {
	t.Parallel()
	m, _ := wire(t, false)
	if !m.cli.DangerousInternals().DispatchEvent(message(&waE2E.Message{Conversation: proto.String("hola")})) {
		t.Error("acknowledged")
	}
}

func TestWho(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		sender, alt  types.JID
		from, userID string
	}{
		{phone, hidden, "+5216671234567", "123456@lid"}, {hidden, phone, "+5216671234567", "123456@lid"},
		{phone, types.EmptyJID, "+5216671234567", ""}, {hidden, types.EmptyJID, "123456@lid", "123456@lid"},
	} {
		if from, id := who(c.sender, c.alt); from != c.from || id != c.userID {
			t.Errorf("%s %s: %q %q", c.sender, c.alt, from, id)
		}
	}
	for address, want := range map[string]types.JID{"+5216671234567": phone, "123456@lid": hidden} {
		if got, err := jid(address); err != nil || got != want {
			t.Errorf("%s: %s %v", address, got, err)
		}
	}
}

func TestSignsOfABanStop(t *testing.T) {
	t.Parallel()
	for _, raw := range []any{
		&events.TemporaryBan{Code: events.TempBanSentToTooManyPeople}, &events.LoggedOut{}, &events.StreamReplaced{}, &events.ClientOutdated{},
		&events.NotifyAccountReachoutTimelock{IsActive: true}, &events.ConnectFailure{Reason: events.ConnectFailureTempBanned},
		&events.ConnectFailure{Reason: events.ConnectFailureMainDeviceGone}, &events.ConnectFailure{Reason: events.ConnectFailureUnknownLogout},
	} {
		m, got := wire(t, true)
		m.cli.DangerousInternals().DispatchEvent(raw)
		if len(*got) != 1 || (*got)[0].Kind != bridge.Stop || (*got)[0].Reason == "" {
			t.Errorf("%T: %v", raw, *got)
		}
	}
	for _, raw := range []any{&events.NotifyAccountReachoutTimelock{}, &events.ConnectFailure{Reason: events.ConnectFailureServiceUnavailable}, &events.Disconnected{}} {
		if w := warning(raw); w != "" {
			t.Errorf("%T stops: %s", raw, w)
		}
	}
}

func TestReceiptsAndErrors(t *testing.T) {
	t.Parallel()
	for kind, want := range map[types.ReceiptType]bridge.Kind{
		types.ReceiptTypeDelivered: bridge.Delivered, types.ReceiptTypeRead: bridge.Read, types.ReceiptTypePlayed: bridge.Read, types.ReceiptTypeRetry: "",
	} {
		if e, ok := receipt(&events.Receipt{Type: kind, MessageIDs: []string{"3EB0"}}); e.Kind != want || ok != (want != "") {
			t.Errorf("%q: %v", kind, e)
		}
	}
	for err, want := range map[error]error{
		nil: nil, whatsmeow.ErrNotConnected: bridge.ErrOffline, whatsmeow.ErrNotLoggedIn: bridge.ErrOffline, whatsmeow.ErrMessageTimedOut: whatsmeow.ErrMessageTimedOut,
	} {
		if got := classed(err); !errors.Is(got, want) {
			t.Errorf("%v: %v", err, got)
		}
	}
	if got := classed(fmt.Errorf("%w 463", whatsmeow.ErrServerReturnedError)); !errors.Is(got, bridge.ErrRestricted) {
		t.Error(got)
	}
}

func TestOffUnlessTheRiskIsAccepted(t *testing.T) {
	t.Setenv("VALEBOT_WHATSMEOW", "")
	if err := run(t.Context(), []string{"serve"}); err == nil || !strings.Contains(err.Error(), "VALEBOT_WHATSMEOW=1") {
		t.Error(err)
	}
}

func TestPicture(t *testing.T) {
	t.Parallel()
	if lines := strings.Count(picture("2@abc,def,ghi"), "\n"); lines < 12 {
		t.Errorf("%d lines", lines)
	}
}
