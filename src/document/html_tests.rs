//! The HTML reader on markup that is odd, open, or counted wrongly.

use super::read;

fn text_of(source: &str) -> String {
    read(source).text.map(|(text, _)| text).unwrap_or_default()
}

#[test]
fn a_character_behind_an_entity_stays_whole() {
    let table = [
        ("<p>Er sagte &quot;Über alles&quot; und&nbsp;Öl", "Er sagte \"Über alles\" und\u{a0}Öl"),
        ("<p>&laquo;é&raquo; &mdash;É &#228;ö &hellip;ß &ltŽ", "«é» —É äö …ß <Ž"),
        ("<p>A&é B&日本 C&\u{16f8f} D&\u{1F600}", "A&é B&日本 C&\u{16f8f} D&\u{1F600}"),
        ("<p>&quot;日本&quot;語&", "\"日本\"語&"),
    ];
    for (source, expected) in table {
        assert_eq!(text_of(source), expected);
    }
}

#[test]
fn a_link_begins_with_its_tag() {
    for source in ["<title></body>\n</title>я<a href=\"яяя\">", "<title></b></title>é<a href=\"/x\">x</a>"] {
        let link = read(source).links.into_iter().next().unwrap();
        assert!(source.get(link.source.range()).is_some_and(|link| link.starts_with("<a ")), "{source} {link:?}");
    }
}

#[test]
fn an_article_is_read_behind_markup_that_is_left_open() {
    let article = "<p>The barrage closed (nato.int).</p>";
    let table = [
        format!("<html><head><title>x</title>{article}"),
        format!("<html><head><meta charset=utf-8><body>{article}"),
        format!("<svg class=\"icon\"/>{article}"),
        format!("<svg><g><svg/></g></svg>{article}"),
        format!("<script src=\"a.js\"/>{article}"),
        format!("<script src=\"a.js\" /></script>{article}"),
        format!("<textarea/><iframe src=\"x\"/><title/>{article}"),
        format!("<p><nav></p>{article}"),
        format!("<nav><div role=navigation><nav></nav>{article}"),
        format!("<nav></nav><div role=navigation><nav>{article}<svg>"),
    ];
    for source in table {
        assert_eq!(text_of(&source), "The barrage closed (nato.int).", "{source}");
    }
    assert_eq!(text_of("<nav>Menu</nav><p>Text <svg><text>x</text></svg></p>"), "Text ");
    assert!(read("<nav>one<p>two").issues.iter().all(|issue| issue.message.starts_with("<nav> is never closed")));
    assert_eq!(text_of("<p>a</p><script>let x = 1; <p>b</p>"), "a");
}

#[test]
fn the_tokenizers_miscounts_are_put_right() {
    for before in ["\u{16f8f}&\u{fffd}The harbour. </b>", "\r\n<p>", "&é&é&\u{16f8f}&é", "&\u{16f8f}\r\n\r\n&#8217;é&"]
    {
        let link = "<a href=\"https://h.org\"></a>";
        let source = format!("{before}{link}éa®");
        let article = read(&source);
        let places: Vec<_> = article.links.iter().map(|found| source.get(found.source.range())).collect();
        assert_eq!(places, [Some(link)], "{before}");
    }
}
