package postgres

import (
	"cmp"
	"fmt"
	"slices"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"pgregory.net/rapid"

	"valebot/internal/channel"
	"valebot/internal/engine"
	"valebot/internal/fault"
	"valebot/internal/lending"
	"valebot/internal/message"
	"valebot/internal/outbox"
	"valebot/internal/quincena"
	"valebot/internal/tariff"
)

// The bench stands on 2 March 2026.
func march(day int) quincena.Date { return quincena.Date{Year: 2026, Month: 3, Day: day} }

func (b bench) prices(prices ...tariff.Price) {
	b.Helper()
	b.must(b.SavePrices(b.Context(), prices))
}

func (b bench) costs(by string) []Cost {
	b.Helper()
	all, err := b.Costs(b.Context(), b.now.AddDate(0, -2, 0), b.now.AddDate(0, 2, 0), by)
	b.must(err)
	return all
}

// dialogueAbout is a dialogue of a conversation about a vale or a loan.
func (b bench) dialogueAbout(conv uuid.UUID, kind string, about uuid.UUID) uuid.UUID {
	b.Helper()
	id := newID()
	b.must(b.exec(`insert into dialogue (id, conversation_id, flow, version, about_kind, about_id, status, step, turn, state, trail, priority, started_at, moved_at)
		values ($1, $2, 'prueba', 1, $3, $4, 'asking', 'a', 1, '', '', 1, $5, $5)`, id, conv, kind, about.String(), b.now))
	return id
}

func smsPrice(from quincena.Date, each tariff.Micropesos) tariff.Price {
	return tariff.Price{Channel: message.SMS, Category: tariff.Segment, From: from, Each: each}
}

func TestWhatAProviderTookIsBilledOnce(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.prices(smsPrice(march(1), 850_000))
	three := func(l *engine.Letter) { l.Segments = 3 }
	b.post(b.letter(b.talk(1), "hola", three), b.letter(b.talk(2), "callback primero"), b.letter(b.talk(3), "rechazado"))
	for _, c := range b.send(b.now) {
		switch c.Body {
		case "hola":
			b.accept(c)
			b.accept(c)
			b.record(c.ID, message.RankDelivered)
		case "callback primero":
			b.record(c.ID, message.RankSent)
			b.accept(c)
		default:
			b.must(b.Settle(b.Context(), b.now, []outbox.Verdict{{ID: c.ID, State: outbox.Failed, Attempt: 1}}))
		}
	}
	want := []Cost{{Key: "sms segment", Taken: 2, Segments: 4, Micropesos: 4 * 850_000}}
	if diff := gocmp.Diff(want, b.costs("channel")); diff != "" {
		t.Error(diff)
	}
}

func TestWhatIsTriedAgainIsBilledAgain(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.prices(smsPrice(march(1), 850_000))
	b.post(b.letter(b.talk(1), "hola"))
	c := b.send(b.now)[0]
	b.accept(c)
	b.record(c.ID, message.RankFailed, func(r *outbox.Report) { r.Retry = b.now.Add(time.Minute) })
	again := b.send(b.now.Add(time.Minute))
	if len(again) != 1 {
		t.Fatalf("%d messages go again", len(again))
	}
	b.accept(again...)
	if got := b.costs("day"); len(got) != 1 || got[0].Taken != 2 || got[0].Micropesos != 1_700_000 {
		t.Errorf("%+v", got)
	}
}

// A price holds from midnight of its day in central Mexico, and what was billed
// does not change with the prices.
func TestPricesHoldFromTheirDay(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.prices(smsPrice(march(2), 850_000), smsPrice(march(3), 900_000))
	midnight := time.Date(2026, 3, 3, 6, 0, 0, 0, time.UTC) // 00:00 on the 3rd in Mexico City
	for i, at := range []time.Time{midnight.AddDate(0, 0, -1).Add(-time.Second), midnight.Add(-time.Second), midnight} {
		b.now = at
		b.post(b.letter(b.talk(i), "hola"))
		b.accept(b.send(at)...)
	}
	want := []Cost{
		{Key: "2026-03-01", Taken: 1, Segments: 1, Unpriced: 1},
		{Key: "2026-03-02", Taken: 1, Segments: 1, Micropesos: 850_000},
		{Key: "2026-03-03", Taken: 1, Segments: 1, Micropesos: 900_000},
	}
	if diff := gocmp.Diff(want, b.costs("day")); diff != "" {
		t.Error(diff)
	}
	b.prices()
	if diff := gocmp.Diff(want, b.costs("day")); diff != "" {
		t.Errorf("after the prices were taken away: %s", diff)
	}
	if b.count("message_price") != 0 {
		t.Error("prices are left")
	}
	if err := b.exec(`update message_cost set micropesos = 1`); err == nil {
		t.Error("a cost could be changed")
	}
}

// WhatsApp is billed by the category that the provider gave the template, else by
// the lane; without a template it is service.
func TestWhatsAppIsBilledByCategory(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	wa := func(c tariff.Category, each tariff.Micropesos) tariff.Price {
		return tariff.Price{Channel: message.WhatsApp, Category: c, From: march(1), Each: each, Example: true}
	}
	b.prices(wa(tariff.Service, 0), wa(tariff.Utility, 160_000), wa(tariff.Authentication, 150_000), wa(tariff.Marketing, 610_000))
	b.must(b.SaveTemplates(b.Context(), b.now, []channel.Template{{Name: "movida", Language: "es_MX", Status: "APPROVED", Category: "MARKETING", Quality: "GREEN"}}, true))
	as := func(lane message.Lane, template string) func(*engine.Letter) {
		return func(l *engine.Letter) {
			l.To.Channel, l.Lane, l.Content.Template = message.WhatsApp, lane, template
		}
	}
	b.post(b.letter(b.talk(1), "hola", as(message.LaneReply, "")), b.letter(b.talk(2), "hola", as(message.LaneNotice, "aviso")),
		b.letter(b.talk(3), "hola", as(message.LaneCode, "clave")), b.letter(b.talk(4), "hola", as(message.LaneNotice, "movida")))
	b.accept(b.send(b.now)...)
	want := []Cost{
		{Key: "whatsapp authentication", Taken: 1, Segments: 1, Micropesos: 150_000, Example: 1},
		{Key: "whatsapp marketing", Taken: 1, Segments: 1, Micropesos: 610_000, Example: 1},
		{Key: "whatsapp service", Taken: 1, Segments: 1, Example: 1},
		{Key: "whatsapp utility", Taken: 1, Segments: 1, Micropesos: 160_000, Example: 1},
	}
	if diff := gocmp.Diff(want, b.costs("channel")); diff != "" {
		t.Error(diff)
	}
}

func TestCostsOfACreditAreThoseOfItsValeAndItsLoan(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	w := newTown(b)
	b.must(b.write(func(book *lending.Book) error { w.put(book); return nil }))
	b.prices(smsPrice(march(1), 850_000))
	conv, other := b.talk(1), b.talk(2)
	in := func(d uuid.UUID) func(*engine.Letter) { return func(l *engine.Letter) { l.Dialogue = d } }
	b.post(b.letter(conv, "vale", in(b.dialogueAbout(conv, "vale", w.vale.ID))), b.letter(other, "pago", in(b.dialogueAbout(other, "pago", w.loan.ID))))
	b.accept(b.send(b.now)...)
	b.campaign("verano", 1, 10, 2)
	b.accept(b.send(b.now)...)
	want := []Cost{
		{Key: "", Taken: 2, Segments: 2, Micropesos: 1_700_000},
		{Key: w.vale.Folio, Taken: 2, Segments: 2, Micropesos: 1_700_000},
	}
	if diff := gocmp.Diff(want, b.costs("credit")); diff != "" {
		t.Error(diff)
	}
	want[1].Key = "verano"
	if diff := gocmp.Diff(want, b.costs("campaign")); diff != "" {
		t.Error(diff)
	}
}

func TestCostsRefuseAnUnknownGrouping(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	if _, err := b.Costs(t.Context(), b.now, b.now, "m.body; drop table outbox"); fault.CodeOf(err) != "bad_grouping" {
		t.Errorf("%v", err)
	}
}

// Whatever is sent when, the costs are those of a plain reckoning: segments times
// the newest price whose day has come.
func TestCostsAgreeWithAPlainReckoning(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	n := 0
	rapid.Check(t, func(r *rapid.T) {
		b.must(b.exec(`truncate message_cost`))
		days := rapid.SliceOfNDistinct(rapid.IntRange(1, 9), 0, 4, rapid.ID).Draw(r, "days")
		var prices []tariff.Price
		for _, d := range days {
			prices = append(prices, smsPrice(march(d), tariff.Micropesos(rapid.Int64Range(0, 2_000_000).Draw(r, "each"))))
		}
		b.prices(prices...)
		slices.SortFunc(prices, func(x, y tariff.Price) int { return cmp.Compare(x.From.Day, y.From.Day) })
		want := map[string]Cost{}
		for range rapid.IntRange(1, 5).Draw(r, "messages") {
			n++
			day, segments := rapid.IntRange(1, 9).Draw(r, "day"), rapid.IntRange(1, 4).Draw(r, "segments")
			b.now = march(day).At(rapid.IntRange(0, 23).Draw(r, "hour"), 59, quincena.Central())
			b.post(b.letter(b.talk(n), "hola", func(l *engine.Letter) { l.Segments = segments }))
			b.accept(b.send(b.now)...)
			one := Cost{Key: fmt.Sprintf("2026-03-%02d", day), Unpriced: 1}
			for _, p := range prices {
				if p.From.Day <= day {
					one.Micropesos, one.Unpriced = p.Each*tariff.Micropesos(segments), 0
				}
			}
			sum := want[one.Key]
			want[one.Key] = Cost{Key: one.Key, Taken: sum.Taken + 1, Segments: sum.Segments + segments, Micropesos: sum.Micropesos + one.Micropesos, Unpriced: sum.Unpriced + one.Unpriced}
		}
		got := map[string]Cost{}
		for _, c := range b.costs("day") {
			got[c.Key] = c
		}
		if diff := gocmp.Diff(want, got); diff != "" {
			r.Fatal(diff)
		}
	})
}
