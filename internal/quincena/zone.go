package quincena

import (
	"time"

	_ "time/tzdata" // zones must not depend on what the machine has installed
)

// zones is read-only after start.
var zones = loadZones()

const centralZone = "America/Mexico_City"

// areas lists, per zone that is not the centre's, the area codes of its phone
// numbers. Sources: the Ley de los Husos Horarios of 2022 for the zones and
// the numbering plan of the IFT for the codes. A code that covers two zones
// stands where most of its numbers are.
var areas = map[string][]string{
	"America/Tijuana":       {"616", "646", "658", "661", "663", "664", "665", "686"},
	"America/Hermosillo":    {"622", "623", "631", "632", "633", "634", "637", "638", "641", "642", "643", "644", "645", "647", "651", "653", "662"},
	"America/Mazatlan":      {"311", "319", "323", "324", "325", "327", "389", "612", "613", "615", "624", "667", "668", "669", "672", "673", "687", "694", "695", "696", "697", "698"},
	"America/Cancun":        {"983", "984", "987", "998"},
	"America/Ciudad_Juarez": {"656", "657"},
	"America/Ojinaga":       {"626"},
	"America/Matamoros":     {"862", "867", "868", "873", "877", "878", "891", "894", "897", "899"},
}

type zoneTable struct {
	centre *time.Location
	byArea map[string]*time.Location
}

func loadZones() zoneTable {
	t := zoneTable{centre: mustLoad(centralZone), byArea: make(map[string]*time.Location)}
	for name, codes := range areas {
		loc := mustLoad(name)
		for _, code := range codes {
			t.byArea[code] = loc
		}
	}
	return t
}

// mustLoad panics for a name that the embedded database lacks, which only a
// typing error in this file can cause.
func mustLoad(name string) *time.Location {
	loc, err := time.LoadLocation(name)
	if err != nil {
		panic("quincena: " + err.Error())
	}
	return loc
}

// Central is the zone of Mexico City, in which business dates are counted.
func Central() *time.Location { return zones.centre }

// Zone returns the time zone of a phone number of ten digits, by its area code:
// Central for most of the country and for anything that it does not know. A
// mobile number may live elsewhere, so an address that is on file goes first.
func Zone(phone10 string) *time.Location {
	if len(phone10) == 10 {
		if loc, ok := zones.byArea[phone10[:3]]; ok {
			return loc
		}
	}
	return zones.centre
}
