//! Conversations in which the address tells more than the page: what it names,
//! and whether the page speaks of that.

use crate::conversations::{Case, Truth, case, front, good, missing, site_page};
use crate::loopback::{page, redirect};

const LIVING: (&str, &str) = ("alive", "answered");
const UNDECIDED: (&str, &str) = ("unknown", "same-as-made-up-name");

fn living() -> Vec<Case> {
    let russian = "Победили те, кого ждали. ".repeat(10);
    vec![
        case(
            "a number that holds 404",
            "/deaths",
            vec![("*", good("1404 deaths in 40421 places"))],
            Truth::Living,
            LIVING,
        ),
        case(
            "a page whatever its address is called",
            "/12345/tide-barrage-opens",
            vec![("*", good("how the barrage opens"))],
            Truth::Living,
            LIVING,
        ),
        case(
            "an address in another alphabet",
            "/pobeda-na-vyborah",
            vec![("*", page(200, &site_page("Выборы", "Выборы прошли спокойно", &russian)))],
            Truth::Living,
            LIVING,
        ),
        case(
            "an address from before the title",
            "/harbour-quarrel-ends",
            vec![("/harbour-quarrel-ends", good("the barrage")), missing()],
            Truth::Living,
            LIVING,
        ),
    ]
}

fn dead() -> Vec<Case> {
    let hmm = site_page("Hmm", "Hmm", "That did not go to plan. Try the menu above.");
    let lost = "<title>提示</title><nav>首页 新闻 体育</nav><p>内容走丢了，请从首页重新浏览。";
    vec![
        case(
            "soft 404 in words of its own",
            "/news/tide-barrage-opens",
            vec![front(), ("*", page(200, &hmm))],
            Truth::Dead,
            UNDECIDED,
        ),
        case(
            "soft 404 in its own Chinese",
            "/news/%E5%8C%97%E7%BA%A6%E5%B3%B0%E4%BC%9A",
            vec![front(), ("*", page(200, lost))],
            Truth::Dead,
            UNDECIDED,
        ),
        case(
            "redirect to another section",
            "/news/tide-barrage-opens",
            vec![front(), ("/latest", good("all that is new")), ("*", redirect(302, "/latest"))],
            Truth::Dead,
            UNDECIDED,
        ),
    ]
}

pub fn cases() -> Vec<Case> {
    [living(), dead()].into_iter().flatten().collect()
}
