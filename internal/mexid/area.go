package mexid

import "strings"

// areas lists, per state, the area codes of its phone numbers. A code that
// covers parts of two states stands nowhere: a wrong state is worse than none.
// The states are written as a CURP writes them (Instructivo normativo para la
// asignación de la CURP, annex 2); the codes follow the numbering plan of the IFT.
var areas = [...]struct{ state, codes string }{
	{"AS", "449 465"},
	{"BC", "616 646 658 661 663 664 665 686"},
	{"BS", "612 613 615 624"},
	{"CC", "938 981 982 996"},
	{"CH", "614 621 625 626 627 628 629 635 636 639 648 652 656 657 659"},
	{"CL", "842 844 861 862 864 866 869 871 877 878"},
	{"CM", "312 313 314"},
	{"CS", "916 918 919 960 961 962 963 964 965 966 967 968 992"},
	{"DF", "55 56"},
	{"DG", "618 671 674 675 676 677"},
	{"GR", "727 732 733 736 741 742 744 745 747 754 755 756 757 758 762 767 781"},
	{"GT", "411 412 413 415 417 418 419 421 428 429 432 445 456 461 462 464 466 468 469 472 473 476 477 479"},
	{"HG", "738 743 748 759 761 763 771 772 773 774 775 778 779 791"},
	{"JC", "315 316 317 321 322 326 33 341 342 343 344 345 347 348 349 357 358 371 372 373 374 375 376 377 378 382 384 385 386 387 388 391 392 393 395 431 474 475"},
	{"MC", "588 591 592 593 594 595 596 597 599 712 713 714 716 717 718 719 720 721 722 723 724 725 726 728 729"},
	{"MN", "328 351 352 353 354 355 356 381 383 394 422 423 424 425 426 434 435 436 438 443 447 450 451 452 453 454 455 459 471 715 753 786"},
	{"MS", "731 734 735 737 739 751 769 770 777"},
	{"NL", "81 821 823 824 825 826 828 829 873 892"},
	{"NT", "311 319 323 324 325 327 329 389"},
	{"OC", "274 281 287 951 953 954 958 971 972 994 995"},
	{"PL", "220 221 222 223 224 227 231 233 237 238 243 244 245 248 249 275 276 764 776 797"},
	{"QR", "983 984 998"},
	{"QT", "414 441 442 446 448 987"},
	{"SL", "660 667 668 669 672 673 687 694 695 696 697 698"},
	{"SP", "444 481 482 483 485 486 487 488 489 845"},
	{"SR", "622 623 631 632 633 634 637 638 641 642 643 644 645 647 651 653 662"},
	{"TC", "913 914 917 933 934 936 937 993"},
	{"TL", "241 246 247 749"},
	{"TS", "831 832 833 834 835 836 841 868 891 894 897 899"},
	{"VZ", "225 226 228 229 232 235 271 272 273 278 279 283 284 285 288 294 296 297 765 766 768 782 783 784 785 789 846 921 922 924"},
	{"YN", "969 985 986 988 990 991 997 999"},
	{"ZS", "433 458 463 467 478 492 493 494 496 498"},
}

// State returns the two letters that a CURP uses for the state of the number's
// area ("SL" for 667), "" where the area does not settle it. People move and keep
// their number, so it decides what a word may mean, never who somebody is.
func (p Phone) State() string {
	n := p.National()
	if len(n) != 10 {
		return ""
	}
	for i := range areas {
		if holdsArea(areas[i].codes, n[:3]) || holdsArea(areas[i].codes, n[:2]) {
			return areas[i].state
		}
	}
	return ""
}

// holdsArea reports whether one of the codes, separated by spaces, is the area.
func holdsArea(codes, area string) bool {
	for len(codes) > 0 {
		var code string
		if code, codes, _ = strings.Cut(codes, " "); code == area {
			return true
		}
	}
	return false
}
