package sandbox

import (
	"bytes"
	"image"
	"image/color"
	"image/jpeg"
	"net/http"
	"strings"
)

// mediaTypes are the files that a phone can send, by their name on the page.
var mediaTypes = map[string]string{"photo": "image/jpeg", "voice": "audio/ogg"}

// sample is the content of a file that a phone sent: a small picture of a made-up
// receipt, or half a second of silence in name only.
func sample(kind string) []byte {
	if kind != "image/jpeg" {
		return []byte("OggS\x00\x02 silencio de prueba")
	}
	picture := image.NewRGBA(image.Rect(0, 0, 240, 160))
	for y := range 160 {
		for x := range 240 {
			shade := color.RGBA{250, 248, 240, 255}
			if y%16 < 3 && x > 20 && x < 200-y/2 {
				shade = color.RGBA{90, 90, 90, 255} // lines of print
			}
			picture.SetRGBA(x, y, shade)
		}
	}
	var b bytes.Buffer
	_ = jpeg.Encode(&b, picture, nil) // a buffer takes everything
	return b.Bytes()
}

// serveSample answers the request for a file whose name says what it is.
func serveSample(w http.ResponseWriter, name string) {
	for media, kind := range mediaTypes {
		if strings.Contains(name, media) {
			w.Header().Set("Content-Type", kind)
			_, _ = w.Write(sample(kind)) // the other side may have left
			return
		}
	}
	w.WriteHeader(http.StatusNotFound)
}
