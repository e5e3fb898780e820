package whatsapp

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"

	"valebot/internal/channel"
	"valebot/internal/fault"
	"valebot/internal/message"
)

// Fetch gets a file that a person sent. Meta is asked where it is, and it is then
// taken from Meta's own hosts alone. Errors as those of channel.Fetcher, and code
// media_damaged if the file is not the one that was sent.
//
// Codes: media_gone, media_damaged.
func (c *Client) Fetch(ctx context.Context, m message.Media) (channel.File, error) {
	answer, err := c.do(ctx, http.MethodGet, c.API+"/"+url.PathEscape(m.ID)+"?phone_number_id="+c.PhoneID, "")
	if err != nil {
		return channel.File{}, err
	}
	var where struct {
		URL    string `json:"url"`
		SHA256 string `json:"sha256"`
	}
	switch {
	case answer.Status == http.StatusNotFound || answer.Status == http.StatusBadRequest:
		return channel.File{}, fault.New(fault.Invalid, "media_gone", "El proveedor ya no tiene el archivo.")
	case !answer.OK():
		return channel.File{}, refusal(answer.Status, 0, false, 0)
	case json.Unmarshal(answer.Body, &where) != nil || where.URL == "":
		return channel.File{}, errors.New("ask for file: no address in the answer")
	}
	file, err := c.fetcher().Fetch(ctx, where.URL)
	if err != nil {
		return channel.File{}, err
	}
	sum := sha256.Sum256(file.Content)
	if where.SHA256 != "" && where.SHA256 != hex.EncodeToString(sum[:]) {
		return channel.File{}, fault.New(fault.Invalid, "media_damaged", "El archivo llegó dañado.")
	}
	return file, nil
}

// fetcher takes files from Meta's hosts, or from the stand-in that the API is.
func (c *Client) fetcher() *channel.Fetcher {
	f := &channel.Fetcher{
		Hosts: []string{"lookaside.fbsbx.com", ".fbcdn.net"}, Trusted: []string{"lookaside.fbsbx.com"},
		Authorize: func(r *http.Request) { r.Header.Set("Authorization", "Bearer "+c.Token) },
	}
	if u, err := url.Parse(c.API); err == nil && u.Host != "graph.facebook.com" {
		f.Hosts, f.Trusted, f.Local = []string{u.Host}, []string{u.Host}, true
	}
	if c.HTTP != nil {
		f.HTTP = c.HTTP.Transport
	}
	return f
}
