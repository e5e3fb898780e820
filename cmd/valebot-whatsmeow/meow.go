package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"go.mau.fi/whatsmeow"
	"go.mau.fi/whatsmeow/proto/waE2E"
	"go.mau.fi/whatsmeow/store"
	"go.mau.fi/whatsmeow/types"
	"go.mau.fi/whatsmeow/types/events"
	"google.golang.org/protobuf/proto"

	"valebot/cmd/valebot-whatsmeow/bridge"
)

// meow is whatsmeow as the bridge knows it.
type meow struct {
	cli *whatsmeow.Client

	mu    sync.Mutex
	files map[string]file // by message id
	order []string        // ids, oldest first
}

// file is what is needed to fetch what came with a message.
type file struct {
	message *waE2E.Message
	kind    string
}

// maxFiles bounds the files that can be asked for.
const maxFiles = 1000

// newMeow makes a client that acknowledges a message only once it was passed on.
func newMeow(device *store.Device) *meow {
	cli := whatsmeow.NewClient(device, nil)
	cli.SynchronousAck, cli.EnableDecryptedEventBuffer, cli.UseRetryMessageStore = true, true, true
	return &meow{cli: cli, files: map[string]file{}}
}

// Paired implements bridge.Client.
func (m *meow) Paired() bool { return m.cli.Store.ID != nil }

// Disconnect implements bridge.Client.
func (m *meow) Disconnect() { m.cli.Disconnect() }

// Connect implements bridge.Client. The library reconnects by itself.
func (m *meow) Connect(ctx context.Context, on func(bridge.Event) bool) error {
	m.cli.AddEventHandlerWithSuccessStatus(func(raw any) bool {
		e, ok := m.read(raw)
		return !ok || on(e)
	})
	if err := m.cli.ConnectContext(ctx); err != nil {
		return fmt.Errorf("connect to WhatsApp: %w", err)
	}
	<-ctx.Done()
	return nil
}

// read turns the library's events into the bridge's; ok is false for those that
// are nothing to it.
func (m *meow) read(raw any) (e bridge.Event, ok bool) {
	switch v := raw.(type) {
	case *events.Message:
		return m.message(v)
	case *events.Receipt:
		return receipt(v)
	}
	reason := warning(raw)
	return bridge.Event{Kind: bridge.Stop, Reason: reason}, reason != ""
}

// warning is why nothing may be sent any more, or "": bans, locks, and another
// process that has taken the session. Going on would cost the number.
func warning(raw any) string {
	switch v := raw.(type) {
	case *events.TemporaryBan:
		return fmt.Sprintf("temporary ban %d for %s", v.Code, v.Expire)
	case *events.LoggedOut:
		return fmt.Sprintf("logged out: %d", v.Reason)
	case *events.StreamReplaced:
		return "another process took the session"
	case *events.ClientOutdated:
		return "this program is too old for WhatsApp"
	case *events.NotifyAccountReachoutTimelock:
		if v.IsActive {
			return "time lock on writing to people: " + v.EnforcementType
		}
	case *events.ConnectFailure:
		switch v.Reason {
		case events.ConnectFailureTempBanned, events.ConnectFailureMainDeviceGone, events.ConnectFailureUnknownLogout:
			return fmt.Sprintf("connection refused: %d", v.Reason)
		}
	}
	return ""
}

// message reads what a person wrote to us alone. Groups, broadcasts and our own
// messages from another device are nothing to us.
func (m *meow) message(v *events.Message) (bridge.Event, bool) {
	if v.Info.IsFromMe || v.Info.IsGroup || v.Info.Chat.IsBroadcastList() || v.Message == nil {
		return bridge.Event{}, false
	}
	e := bridge.Event{Kind: bridge.Said, ID: v.Info.ID, Name: v.Info.PushName, At: v.Info.Timestamp}
	e.From, e.UserID = who(v.Info.Sender, v.Info.SenderAlt)
	w := v.Message
	if info := w.GetExtendedTextMessage().GetContextInfo(); info != nil {
		e.RepliesTo = info.GetStanzaID()
	}
	switch {
	case w.GetReactionMessage() != nil:
		e.What, e.Text = "aside", w.GetReactionMessage().GetText()
	case w.GetProtocolMessage() != nil:
		e.What = "aside" // an edit or a revocation
	case w.GetConversation() != "":
		e.Text = w.GetConversation()
	case w.GetExtendedTextMessage() != nil:
		e.Text = w.GetExtendedTextMessage().GetText()
	case w.GetLocationMessage() != nil:
		l := w.GetLocationMessage()
		e.Place = &bridge.Place{Latitude: l.GetDegreesLatitude(), Longitude: l.GetDegreesLongitude()}
	default:
		e.Text, e.MediaType, e.MediaName = media(w)
		m.keep(v.Info.ID, w, e.MediaType)
	}
	return e, true
}

// who is the address that we answer to, and the opaque id beside it. WhatsApp may
// hide the number; the opaque id is the address then.
func who(sender, alt types.JID) (from, userID string) {
	phone, hidden := sender.ToNonAD(), alt.ToNonAD()
	if phone.Server == types.HiddenUserServer {
		phone, hidden = hidden, phone
	}
	if !hidden.IsEmpty() {
		userID = hidden.String()
	}
	if phone.Server == types.DefaultUserServer && phone.User != "" {
		return "+" + phone.User, userID
	}
	return userID, userID
}

func media(w *waE2E.Message) (caption, kind, name string) {
	switch {
	case w.GetImageMessage() != nil:
		return w.GetImageMessage().GetCaption(), w.GetImageMessage().GetMimetype(), ""
	case w.GetAudioMessage() != nil:
		return "", w.GetAudioMessage().GetMimetype(), ""
	case w.GetVideoMessage() != nil:
		return w.GetVideoMessage().GetCaption(), w.GetVideoMessage().GetMimetype(), ""
	case w.GetDocumentMessage() != nil:
		return w.GetDocumentMessage().GetCaption(), w.GetDocumentMessage().GetMimetype(), w.GetDocumentMessage().GetFileName()
	case w.GetStickerMessage() != nil:
		return "", w.GetStickerMessage().GetMimetype(), ""
	}
	return "", "", ""
}

func (m *meow) keep(id string, w *waE2E.Message, kind string) {
	if kind == "" {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.files[id], m.order = file{w, kind}, append(m.order, id)
	if len(m.order) > maxFiles {
		delete(m.files, m.order[0])
		m.order = m.order[1:]
	}
}

func receipt(v *events.Receipt) (bridge.Event, bool) {
	e := bridge.Event{IDs: v.MessageIDs}
	switch v.Type {
	case types.ReceiptTypeDelivered:
		e.Kind = bridge.Delivered
	case types.ReceiptTypeRead, types.ReceiptTypePlayed:
		e.Kind = bridge.Read
	}
	return e, e.Kind != "" && !v.IsGroup
}

// jid is the address in WhatsApp's form.
func jid(address string) (types.JID, error) {
	if digits, phone := strings.CutPrefix(address, "+"); phone {
		return types.NewJID(digits, types.DefaultUserServer), nil
	}
	return types.ParseJID(address)
}

// Reach implements bridge.Client. An opaque id was told by WhatsApp itself.
func (m *meow) Reach(ctx context.Context, address string) (bool, error) {
	if !strings.HasPrefix(address, "+") {
		return true, nil
	}
	found, err := m.cli.IsOnWhatsApp(ctx, []string{address})
	if err != nil {
		return false, fmt.Errorf("ask for a number: %w", err)
	}
	return len(found) > 0 && found[0].IsIn, nil
}

// sendTimeout is less than the bridge's own, so that the library's word comes first.
const sendTimeout = 7 * time.Second

// Send implements bridge.Client. There are only texts: buttons are refused or
// invisible for accounts like ours.
func (m *meow) Send(ctx context.Context, to, id, text string) error {
	address, err := jid(to)
	if err != nil {
		return bridge.ErrAbsent
	}
	_, err = m.cli.SendMessage(ctx, address, &waE2E.Message{Conversation: proto.String(text)}, whatsmeow.SendRequestExtra{ID: id, Timeout: sendTimeout})
	return classed(err)
}

// classed says which errors leave no doubt. 463 is WhatsApp's lock against
// writing to people.
func classed(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, whatsmeow.ErrNotConnected), errors.Is(err, whatsmeow.ErrNotLoggedIn):
		return bridge.ErrOffline
	case errors.Is(err, whatsmeow.ErrServerReturnedError) && strings.Contains(err.Error(), "463"):
		return bridge.ErrRestricted
	}
	return err
}

// Fetch implements bridge.Client.
func (m *meow) Fetch(ctx context.Context, messageID string) ([]byte, string, error) {
	m.mu.Lock()
	f, ok := m.files[messageID]
	m.mu.Unlock()
	if !ok {
		return nil, "", errors.New("no file with that message")
	}
	content, err := m.cli.DownloadAny(ctx, f.message)
	return content, f.kind, err
}

// PairQR implements bridge.Client.
func (m *meow) PairQR(ctx context.Context, show func(code string)) error {
	items, err := m.cli.GetQRChannel(ctx)
	if err != nil {
		return fmt.Errorf("ask for codes: %w", err)
	}
	if err := m.cli.ConnectContext(ctx); err != nil {
		return fmt.Errorf("connect to WhatsApp: %w", err)
	}
	for item := range items {
		switch item.Event {
		case "code":
			show(item.Code)
		case "success":
			return nil
		default:
			return fmt.Errorf("pair: %s", item.Event)
		}
	}
	return errors.New("pair: no code was scanned in time")
}

// PairCode implements bridge.Client.
func (m *meow) PairCode(ctx context.Context, phone string) (string, error) {
	items, err := m.cli.GetQRChannel(ctx)
	if err != nil {
		return "", fmt.Errorf("ask for codes: %w", err)
	}
	if err := m.cli.ConnectContext(ctx); err != nil {
		return "", fmt.Errorf("connect to WhatsApp: %w", err)
	}
	<-items // the connection is ready with the first one
	return m.cli.PairPhone(ctx, phone, true, whatsmeow.PairClientChrome, "Chrome (Linux)")
}
