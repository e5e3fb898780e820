package casework

import "testing"

func TestFileLabel(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		file    File
		want    string
		picture bool
	}{
		{File{State: "stored", Type: "image/jpeg", Size: 250 << 10}, "Foto, 250 kB", true},
		{File{State: "stored", Type: "image/svg+xml", Size: 10}, "Archivo, 1 kB", false},
		{File{State: "stored", Type: "application/pdf", Size: 3 << 19}, "PDF, 1.5 MB", false},
		{File{State: "stored", Type: "audio/ogg", Size: 9000}, "Nota de voz, 8 kB", false},
		{File{State: "waiting", Type: ""}, "Llegando…", false},
		{File{State: "gone", Reason: "ya no está"}, "No se pudo traer: ya no está", false},
	} {
		if got := tt.file.Label(); got != tt.want || tt.file.Picture() != tt.picture || tt.file.Ready() != (tt.file.State == "stored") {
			t.Errorf("%+v is %q, picture %v", tt.file, got, tt.file.Picture())
		}
	}
}
