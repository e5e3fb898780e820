package channel

import (
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"syscall"
	"time"

	"valebot/internal/fault"
)

// MaxFile is the largest file that is fetched, in bytes: WhatsApp's own limit for
// pictures, sound and video.
const MaxFile = 16 << 20

// hops is how many redirects a provider's address may take.
const hops = 3

// fileTypes are the types that the desk can show or hand out. Anything else
// stays at the provider.
var fileTypes = []string{
	"image/jpeg", "image/png", "image/webp", "image/gif", "audio/ogg", "audio/mpeg", "audio/mp4", "audio/aac", "audio/amr", "audio/opus",
	"video/mp4", "video/3gpp", "application/pdf", "text/vcard", "text/x-vcard", "text/plain",
}

// File is a file that was fetched whole.
type File struct {
	ContentType string // without parameters, one of those that are taken
	Content     []byte // 1 to MaxFile bytes
}

// Fetcher fetches files from a provider's own hosts and from nowhere else. An
// address in a webhook is somebody else's text: without this it would be a way to
// make the server call whatever an attacker likes, with our credentials.
type Fetcher struct {
	// Hosts are the names that may be called: "api.twilio.com", or ".twiliocdn.com"
	// for every host below it. A port, if any, is part of the name.
	Hosts []string
	// Authorize adds credentials to a request. It is called only for Trusted, which
	// is one of Hosts; other hosts never see a credential.
	Authorize func(*http.Request)
	Trusted   []string
	// Local lets stand-ins on private addresses and without TLS be called.
	Local bool
	// HTTP is the transport; nil is one of our own that refuses private addresses.
	HTTP http.RoundTripper
}

// Fetch fetches one file. Errors: *fault.Fault of kind Invalid, with which trying
// again is no use (code media_host, media_type, media_size, media_gone); any other
// error may pass.
//
// Codes: media_host, media_type, media_size, media_gone.
func (f *Fetcher) Fetch(ctx context.Context, link string) (File, error) {
	client := &http.Client{Transport: f.transport(), Timeout: 30 * time.Second,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	for range hops + 1 {
		u, err := f.allowed(link)
		if err != nil {
			return File{}, err
		}
		res, err := f.get(ctx, client, u)
		if err != nil {
			return File{}, err
		}
		next, file, err := f.read(res)
		_ = res.Body.Close() // read to the end or given up
		if next == "" || err != nil {
			return file, err
		}
		if link, err = resolve(u, next); err != nil {
			return File{}, err
		}
	}
	return File{}, fault.New(fault.Invalid, "media_host", "El archivo cambia de dirección demasiadas veces.")
}

func (f *Fetcher) transport() http.RoundTripper {
	if f.HTTP != nil {
		return f.HTTP
	}
	t := transport()
	t.Proxy = nil // a proxy would resolve names itself, past the check of addresses
	dialer := &net.Dialer{Timeout: 3 * time.Second}
	if !f.Local {
		dialer.Control = func(_, address string, _ syscall.RawConn) error { return public(address) }
	}
	t.DialContext = dialer.DialContext
	return t
}

var errPrivate = errors.New("address is not public")

// public refuses addresses that do not belong to the open network. It is asked
// about the resolved address, just before the connection is made.
func public(address string) error {
	ap, err := netip.ParseAddrPort(address)
	if err != nil {
		return errPrivate
	}
	ip := ap.Addr().Unmap()
	shared := netip.MustParsePrefix("100.64.0.0/10")
	if !ip.IsGlobalUnicast() || ip.IsPrivate() || ip.IsLoopback() || ip.IsLinkLocalUnicast() || shared.Contains(ip) {
		return errPrivate
	}
	return nil
}

// allowed reads an address and refuses what is not the provider's.
func (f *Fetcher) allowed(link string) (*url.URL, error) {
	refused := fault.New(fault.Invalid, "media_host", "La dirección del archivo no es del proveedor.")
	u, err := url.Parse(link)
	if err != nil || u.User != nil || u.Scheme != "https" && !(f.Local && u.Scheme == "http") || !named(f.Hosts, u.Host) {
		return nil, refused
	}
	return u, nil
}

func named(hosts []string, host string) bool {
	host = strings.ToLower(host)
	return slices.ContainsFunc(hosts, func(h string) bool {
		return h == host || strings.HasPrefix(h, ".") && strings.HasSuffix(host, h)
	})
}

func (f *Fetcher) get(ctx context.Context, client *http.Client, u *url.URL) (*http.Response, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return nil, fault.New(fault.Invalid, "media_host", "La dirección del archivo no se entiende.")
	}
	r.Header.Set("User-Agent", "valebot")
	if f.Authorize != nil && named(f.Trusted, u.Host) {
		f.Authorize(r)
	}
	res, err := client.Do(r)
	if err == nil {
		return res, nil
	}
	if errors.Is(err, errPrivate) {
		return nil, fault.New(fault.Invalid, "media_host", "La dirección del archivo no es pública.")
	}
	if wrapped := new(url.Error); errors.As(err, &wrapped) {
		err = wrapped.Err // without the URL, whose query may be a key
	}
	return nil, fmt.Errorf("fetch file: %w", err)
}

// read returns the file, or where it is to be had instead.
func (f *Fetcher) read(res *http.Response) (next string, file File, err error) {
	switch {
	case res.StatusCode >= 300 && res.StatusCode < 400 && res.Header.Get("Location") != "":
		return res.Header.Get("Location"), File{}, nil
	case res.StatusCode == http.StatusNotFound || res.StatusCode == http.StatusGone:
		return "", File{}, fault.New(fault.Invalid, "media_gone", "El proveedor ya no tiene el archivo.")
	case res.StatusCode != http.StatusOK:
		return "", File{}, fmt.Errorf("fetch file: HTTP %d", res.StatusCode)
	}
	kind, err := FileType(res.Header.Get("Content-Type"))
	if err != nil {
		return "", File{}, err
	}
	content, err := io.ReadAll(io.LimitReader(res.Body, MaxFile+1))
	switch {
	case err != nil:
		return "", File{}, fmt.Errorf("read file: %w", err)
	case len(content) > MaxFile || len(content) == 0:
		return "", File{}, fault.New(fault.Invalid, "media_size", "El archivo está vacío o pesa más de 16 MB.")
	}
	return "", File{ContentType: kind, Content: content}, nil
}

// FileType returns the type without parameters, or a fault of code media_type if
// files of that type are not taken.
//
// Code: media_type.
func FileType(contentType string) (string, error) {
	kind, _, err := mime.ParseMediaType(contentType)
	if err != nil || !slices.Contains(fileTypes, kind) {
		return "", fault.New(fault.Invalid, "media_type", "Ese tipo de archivo no se guarda.")
	}
	return kind, nil
}

func resolve(base *url.URL, next string) (string, error) {
	u, err := base.Parse(next)
	if err != nil {
		return "", fault.New(fault.Invalid, "media_host", "La dirección del archivo no se entiende.")
	}
	return u.String(), nil
}
