import pytest

from synctool.core import names


@pytest.mark.parametrize(
    ("name", "spelling"),
    [
        ("brief.docx", "brief.docx"),
        ("100%25 done.docx", "100%25 done.docx"),
        ('Motion: re "Smith"?.docx', "Motion%3A re %22Smith%22%3F.docx"),
        ("a:b %3A.txt", "a%3Ab %253A.txt"),
        ("50% : half", "50% %3A half"),
        ("trailing.", "trailing%2E"),
        ("trailing ", "trailing%20"),
        ("con", "%63on"),
        ("CON.txt", "%43ON.txt"),
        ("Nul .tar.gz", "%4Eul .tar.gz"),
        ("COM¹", "%43OM¹"),
        ("lpt0.pdf", "%6Cpt0.pdf"),
        ("CONOUT$", "%43ONOUT$"),
        ("console", "console"),
        ("COM10", "COM10"),
        ("tab\there", "tab%09here"),
        ("a/b\\c", "a%2Fb%5Cc"),
        ("nul\0", "nul%00"),
        (".", "%2E"),
        ("..", ".%2E"),
        ("", "%"),
        ("half\ud800", "half%ED%A0%80"),
    ],
)
def test_windows_gets_a_spelling_it_can_hold(name, spelling):
    assert names.stand_in(name, "windows") == spelling
    assert names.holds(name, "windows") == (name == spelling)


@pytest.mark.parametrize(
    ("rules", "name", "spelling"),
    [
        ("posix", "a:b.", "a:b."),
        ("posix", "..", ".%2E"),
        ("s3", "a\x7fb\x01", "a%7Fb%01"),
        ("s3", "a:b?", "a:b?"),
        ("s3", "a\\b", "a%5Cb"),
        ("posix", "X-RAY", "X-RAY"),
        ("windows", "X-RAY", "X-RAY"),
        ("s3", "X-RAY", "X-RAY"),
        ("filevine", "either/or..", "either/or.."),
        ("filevine", "", "%"),
    ],
)
def test_each_kind_of_side_has_rules_of_its_own(rules, name, spelling):
    assert names.stand_in(name, rules) == spelling


def test_a_long_name_keeps_its_extension_and_carries_a_hash():
    long = "é" * 200 + ".docx"
    short = names.stand_in(long, "posix")
    assert len(short.encode()) <= 255
    assert short.endswith(".docx")
    assert "~" in short
    assert names.stand_in(long, "windows") == long
    assert names.stand_in("x" * 254 + "😀", "windows") != "x" * 254 + "😀"


def test_a_long_folder_name_has_no_extension_to_keep():
    assert not names.stand_in("Smith v. Jones " * 20 + ".docx", "posix", folder=True).endswith(".docx")


def test_a_tight_limit_gives_up_the_extension():
    assert len(names.stand_in("deposition of a witness.transcript", "windows", max_length=16)) == 16


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("brief.docx", ("brief", ".docx")),
        ("a.tar.gz", ("a.tar", ".gz")),
        (".bashrc", (".bashrc", "")),
        ("Smith v. Jones", ("Smith v. Jones", "")),
        ("none", ("none", "")),
        ("", ("", "")),
    ],
)
def test_an_extension_follows_the_last_dot(name, parts):
    assert names.split_extension(name) == parts


def test_namesakes_carry_their_ref():
    assert names.with_ref("brief.docx", "fv-1200000002") == "brief [fv-1200000002].docx"
    assert names.with_ref("Vol.2", "fv-7", folder=True) == "Vol.2 [fv-7]"


def test_a_conflict_copy_says_whose_and_of_when():
    name = names.conflict_name("brief.docx", "zdrive", "2026-11-22", "3fa9c1" + "0" * 58)
    assert name == "brief (conflict zdrive 2026-11-22 3fa9c1).docx"


def test_composed_and_decomposed_are_one_name():
    assert names.identity("e\u0301") == "é"
    assert names.fold("E\u0301") == names.fold("é") == "É"
    assert names.fold("straße") == "STRAßE"


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("README.TXT", "readme.txt", True),
        ("É", "é", True),
        ("straße", "STRASSE", False),
        ("ᾳ", "ᾼ", True),
        ("ﬁ", "FI", False),
        ("İ", "i", False),
    ],
)
def test_case_is_folded_character_by_character(one, other, same):
    assert (names.fold(one) == names.fold(other)) == same


@pytest.mark.parametrize(
    "name",
    [
        "~$brief.docx", "~WRD0001.tmp", "~x.tmp", "a.TMP", ".~lock.a.odt#", "a.laccdb", "a.ldb", "5F2A1B00", "a.part",
        "a.crdownload", "a.partial", "a.filepart", "THUMBS.DB", "ehthumbs.db", "Desktop.ini", ".DS_Store", "._brief",
        "Plan.dwl", "PLAN.DWL2", "$Recycle.Bin", "System Volume Information", ".synctool", ".synctool trash", ".~synctool-00ff.tmp",
    ],
)  # fmt: skip
def test_what_programs_make_for_themselves_is_noise(name):
    assert names.is_noise(name)


@pytest.mark.parametrize(
    "name", ["brief.docx", "20261122", "deadbeef", "tmp", "thumbs.db.docx", "partial", "~brief"]
)
def test_a_document_is_not_noise(name):
    assert not names.is_noise(name)


@pytest.mark.parametrize(
    ("owner", "document", "speaks"),
    [
        ("~$brief.docx", "brief.docx", True),
        ("~$ief.docx", "Brief.docx", True),
        ("~$rief.docx", "brief.docx", True),
        ("~$ief.docx", "debrief.docx", False),
        (".~lock.brief.odt#", "brief.odt", True),
        (".~lock.ief.odt#", "brief.odt", False),
        ("Plan.dwl", "plan.DWG", True),
        ("PLAN.DWL2", "Plan.dxf", True),
        ("Plan.dwl", "Plan.pdf", False),
        ("Plan.dwl", "APlan.dwg", False),
    ],
)
def test_an_owner_file_speaks_for_its_document(owner, document, speaks):
    targets = names.owner_file_targets(owner)
    assert targets is not None
    assert bool(targets.fullmatch(document)) == speaks


def test_a_document_is_no_owner_file():
    assert names.owner_file_targets("brief.docx") is None


@pytest.mark.parametrize(
    ("rules", "fits", "too_long"),
    [("posix", 255, 256), ("windows", 255, 256), ("s3", 765, 766), ("filevine", 255, 256)],
)
def test_a_name_is_cut_only_when_it_is_too_long(rules, fits, too_long):
    assert names.stand_in("x" * fits, rules) == "x" * fits
    cut = names.stand_in("x" * too_long, rules)
    assert (len(cut), cut[-11]) == (fits, "~")
    assert cut == names.stand_in("x" * too_long, rules)
    assert cut != names.stand_in("x" * (too_long + 1), rules)


def test_a_cut_folder_ends_with_its_hash():
    cut = names.stand_in("x" * 300, "posix", folder=True)
    assert cut == "x" * 244 + cut[-11:]
    assert set(cut[-10:]) <= set("0123456789abcdef")


def test_an_extension_is_kept_only_where_something_of_the_name_is_left():
    kept, given_up = (
        names.stand_in("n" * 40 + extension, "posix", max_length=16) for extension in (".abc", ".abcd")
    )
    assert kept.endswith(".abc")
    assert (len(kept), kept[0], kept[1]) == (16, "n", "~")
    assert not given_up.endswith(".abcd")
    assert (len(given_up), given_up[:5]) == (16, "nnnnn")


def test_a_cut_name_may_hold_half_a_character():
    assert len(names.stand_in("\ud800" * 300, "windows")) == 255


@pytest.mark.parametrize(
    "name", ["", "a:b", "CON", "a%3Ab:c", "half\ud800 of \udfff:", "e\u0301:", "é:ü?", "a/b", ".."]
)
def test_a_stand_in_gives_its_name_back(name):
    spelling = names.stand_in(name, "windows")
    assert spelling != name
    assert names.original(spelling) == name
    assert names.original("plain") == "plain"


def test_the_ref_of_a_handle_is_its_number():
    assert names.ref_of("d001200000002") == "fv-1200000002"
    assert names.ref_of("d100000000000") == "fv-100000000000"


@pytest.mark.parametrize(
    ("name", "folder", "handle"),
    [
        ("brief [fv-12].docx", False, "d000000000012"),
        ("Vol.2 [fv-12]", True, "f000000000012"),
        ("Vol.2 [fv-12]", False, "d000000000012"),
        ("brief.docx", False, ""),
        ("brief [fv-12] x.docx", False, ""),
        ("brief [fv-1234567890123].docx", False, ""),
    ],
)
def test_a_name_tells_the_handle_it_carries(name, folder, handle):
    assert names.handle_in(name, folder=folder) == handle


@pytest.mark.parametrize(
    ("name", "times", "moving"),
    [
        ("brief.docx", 0, "brief (moving 7).docx"),
        ("brief.docx", 2, "brief (moving 7'').docx"),
        ("x" * 51 + ".docx", 0, "x" * 50 + " (moving 7).docx"),
    ],
)
def test_what_makes_room_says_so(name, times, moving):
    assert names.making_room(name, 7, times) == moving
    assert names.makes_room(moving) == 7
    assert names.makes_room(name) == 0


def test_a_conflict_name_says_as_many_digits_as_asked():
    assert names.conflict_name("a", "s3", "undated", "0123456789abcdef", 12) == (
        "a (conflict s3 undated 0123456789ab)"
    )


@pytest.mark.parametrize(
    ("rules", "held"), [("posix", True), ("windows", False), ("s3", True), ("filevine", True)]
)
def test_only_windows_knows_devices_and_trailing_dots(rules, held):
    for name in ("CON", "a.", "a "):
        assert names.holds(name, rules) is held


@pytest.mark.parametrize("name", [".", ".."])
def test_only_filevine_holds_dots(name):
    assert [names.holds(name, rules) for rules in ("posix", "windows", "s3", "filevine")] == [False] * 3 + [
        True
    ]


def test_half_a_character_is_held_nowhere():
    for char in ("\ud800", "\udabc", "\udfff"):
        assert not any(names.holds(char, rules) for rules in ("posix", "windows", "s3", "filevine"))


def test_owner_files_of_names_with_line_breaks_speak_too():
    assert names.owner_file_targets("~$ief\nx.docx").fullmatch("BR\rIEF\nX.docx") is None
    assert names.owner_file_targets("~$ief\nx.docx").fullmatch("\nrIEF\nX.docx")
