//! The conversations of the table: what each host answers, what the truth is,
//! and the verdict expected.

use crate::addresses;
use crate::loopback::{Act, answer, page, redirect};

/// What stands behind an address in truth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Truth {
    /// The page that was cited.
    Living,
    /// Something else, or nothing.
    Dead,
    /// Nobody outside can know.
    Hidden,
}

/// One conversation: what a host answers under each path; `*` is any other.
pub struct Case {
    pub name: String,
    pub cited: &'static str,
    pub script: Vec<(&'static str, Act)>,
    pub truth: Truth,
    pub expected: (&'static str, &'static str),
}

/// A page of a site, with some chrome around its own words.
pub fn site_page(title: &str, heading: &str, words: &str) -> String {
    format!(
        "<!doctype html><html><head><title>{title} | Coast Report</title></head><body>\
         <nav><a href=/>Home</a> <a href=/news>News</a> <a href=/sport>Sport</a></nav>\
         <main><h1>{heading}</h1><p>{words}</p></main>\
         <footer>All rights reserved. Coast Report is printed in Harbour Street.</footer></body></html>"
    )
}

/// An article of some length.
fn article(about: &str) -> String {
    let sentence = format!(
        "The council voted on {about} after a long evening, and the engineers who had come to speak left before the count. "
    );
    site_page(about, about, &sentence.repeat(8))
}

pub fn good(about: &str) -> Act {
    page(200, &article(about))
}

pub fn front() -> (&'static str, Act) {
    (
        "/",
        page(
            200,
            &site_page("Coast Report", "Today", "The ferry, the barrage and the mud: all the news of the coast."),
        ),
    )
}

pub fn missing() -> (&'static str, Act) {
    ("*", page(404, &site_page("Not found", "Not found", "This page is not here.")))
}

pub fn case(
    name: &str,
    cited: &'static str,
    script: Vec<(&'static str, Act)>,
    truth: Truth,
    expected: (&'static str, &'static str),
) -> Case {
    Case { name: name.to_owned(), cited, script, truth, expected }
}

/// Error pages with a success, as servers write them.
const SOFT: &[(&str, &str, &str)] = &[
    (
        "English",
        "Page not found",
        "Sorry, the page you are looking for could not be found. Try the search, or go back to the front page.",
    ),
    (
        "German",
        "Seite nicht gefunden",
        "Die gewünschte Seite konnte leider nicht gefunden werden. Bitte prüfen Sie die Adresse oder nutzen Sie die Suche.",
    ),
    (
        "French",
        "Page introuvable",
        "Désolé, la page que vous cherchez n’existe plus. Essayez la recherche ou revenez à l’accueil du site.",
    ),
    (
        "Spanish",
        "Página no encontrada",
        "Lo sentimos, la página que busca no existe. Pruebe el buscador o vuelva a la portada del sitio.",
    ),
    (
        "Italian",
        "Pagina non trovata",
        "Siamo spiacenti, la pagina richiesta non esiste più. Prova a cercare o torna alla prima pagina del sito.",
    ),
    (
        "Russian",
        "Страница не найдена",
        "К сожалению, запрошенная страница не существует или была удалена. Воспользуйтесь поиском по сайту.",
    ),
    (
        "Ukrainian",
        "Сторінку не знайдено",
        "На жаль, такої сторінки не існує. Перевірте адресу або скористайтеся пошуком на нашому сайті.",
    ),
    (
        "Chinese",
        "页面不存在",
        "抱歉，您访问的页面不存在或者已被删除，请检查地址是否正确，或者返回首页继续浏览其他内容。",
    ),
    (
        "Japanese",
        "ページが見つかりません",
        "お探しのページは見つかりませんでした。アドレスをご確認いただくか、トップページからお探しください。",
    ),
    (
        "Polish",
        "Nie znaleziono strony",
        "Niestety, strona o podanym adresie nie istnieje. Skorzystaj z wyszukiwarki albo wróć na stronę główną.",
    ),
];

const CHALLENGE: (&str, &str) = ("blocked", "challenge-page");

/// Walls of bot protections, after the vendors' published descriptions.
fn walls() -> Vec<(&'static str, Act)> {
    let html = ("content-type", "text/html");
    let akamai = "<html><head><title>Access Denied</title></head><body><h1>Access Denied</h1>You don't have permission to access this on this server.<p>Reference&#32;&#35;18&#46;2ff01202&#46;1&#46;3a</body></html>";
    let datadome = "<html><body><p id=cmsg>Please enable JS and disable any ad blocker</p><script src=https://ct.captcha-delivery.com/c.js></script></body></html>";
    let filler = "<style>p{margin:0}</style>".repeat(300);
    vec![
        (
            "Cloudflare",
            answer(
                403,
                &[html, ("cf-mitigated", "challenge"), ("server", "cloudflare")],
                "<title>Just a moment...</title>",
            ),
        ),
        ("Cloudflare, 503", answer(503, &[html, ("cf-mitigated", "challenge")], "<title>Just a moment...</title>")),
        ("Cloudflare pay per crawl", answer(402, &[("crawler-price", "USD 0.01")], "")),
        ("Akamai", answer(403, &[html], akamai)),
        (
            "Imperva",
            answer(403, &[html], "<iframe src=\"/_Incapsula_Resource?SWUDNSAI=31\">Request unsuccessful.</iframe>"),
        ),
        ("Imperva, long", answer(403, &[html], format!("{filler}Request unsuccessful. Incapsula incident ID: 1-23"))),
        (
            "HUMAN",
            answer(
                403,
                &[html],
                "<p>Access to this page has been denied because we believe you are using automation tools to browse the website.</p>",
            ),
        ),
        ("DataDome", answer(403, &[html, ("x-datadome", "protected")], datadome)),
        ("AWS WAF challenge", answer(202, &[html, ("x-amzn-waf-action", "challenge")], "")),
        (
            "AWS WAF captcha",
            answer(405, &[html, ("x-amzn-waf-action", "captcha")], "<title>Human Verification</title>"),
        ),
        (
            "Sucuri",
            answer(403, &[html, ("x-sucuri-block", "BOT")], "<title>Sucuri WebSite Firewall - Access Denied</title>"),
        ),
        (
            "F5",
            answer(
                200,
                &[html],
                "<html><head><title>Request Rejected</title></head><body>The requested URL was rejected. Please consult with your administrator.<br>Your support ID is: 123</body></html>",
            ),
        ),
        (
            "Anubis",
            answer(
                200,
                &[html],
                "<title>Making sure you're not a bot!</title><script id=\"anubis_challenge\" type=\"application/json\">{}</script>",
            ),
        ),
        ("Kasada", answer(429, &[html, ("x-kpsdk-ct", "0a1b")], "<script>window.KPSDK={}</script>")),
    ]
}

fn wall_cases() -> Vec<Case> {
    let refused = |status| page(status, "<title>No</title>");
    let mut cases: Vec<Case> = walls()
        .into_iter()
        .map(|(vendor, act)| case(&format!("wall: {vendor}"), "/story", vec![("*", act)], Truth::Hidden, CHALLENGE))
        .collect();
    cases.extend([
        case("401", "/story", vec![("*", refused(401))], Truth::Hidden, ("blocked", "needs-credentials")),
        case("403", "/story", vec![("*", refused(403))], Truth::Hidden, ("blocked", "forbidden")),
        case("429", "/story", vec![("*", refused(429))], Truth::Hidden, ("blocked", "rate-limited")),
        case("451", "/story", vec![("*", refused(451))], Truth::Hidden, ("blocked", "legal-reasons")),
        case("999", "/story", vec![("*", refused(999))], Truth::Hidden, ("blocked", "status-999")),
        case(
            "404 to programs everywhere",
            "/story",
            vec![("*", refused(404))],
            Truth::Hidden,
            ("blocked", "nothing-for-us"),
        ),
        case(
            "404, the front page 403",
            "/story",
            vec![("/", refused(403)), ("*", refused(404))],
            Truth::Hidden,
            ("blocked", "nothing-for-us"),
        ),
        case("the front page itself 404", "/", vec![("*", refused(404))], Truth::Hidden, ("blocked", "nothing-for-us")),
        case(
            "a CDN's headers on a good page",
            "/story",
            vec![
                (
                    "/story",
                    answer(
                        200,
                        &[
                            ("content-type", "text/html"),
                            ("server", "cloudflare"),
                            ("cf-ray", "8a-FRA"),
                            ("x-datadome", "protected"),
                            ("x-iinfo", "1"),
                        ],
                        article("the sluice"),
                    ),
                ),
                missing(),
            ],
            Truth::Living,
            ("alive", "answered"),
        ),
        case(
            "a CDN's headers on a 404",
            "/story",
            vec![front(), ("*", answer(404, &[("server", "AkamaiGHost"), ("x-sucuri-id", "18")], "Reference #1"))],
            Truth::Dead,
            ("gone", "status-404"),
        ),
    ]);
    cases
}

fn missing_cases() -> Vec<Case> {
    let mut cases: Vec<Case> = SOFT
        .iter()
        .map(|(language, title, words)| {
            let act = page(200, &site_page(title, title, words));
            case(
                &format!("soft 404 in {language}"),
                "/news/story",
                vec![front(), ("*", act)],
                Truth::Dead,
                ("soft-404", "same-as-made-up-name"),
            )
        })
        .collect();
    let echo = "Sorry, %PATH% was not found on this server. Check the address or use the search.";
    let to = |status, goal| redirect(status, goal);
    cases.extend([
        case("404", "/story", vec![front(), missing()], Truth::Dead, ("gone", "status-404")),
        case("410", "/story", vec![front(), ("*", page(410, "gone"))], Truth::Dead, ("gone", "status-410")),
        case(
            "redirect to 404",
            "/story",
            vec![front(), ("/story", to(301, "/old/story")), missing()],
            Truth::Dead,
            ("gone", "status-404"),
        ),
        case(
            "soft 404 that repeats the address",
            "/news/story",
            vec![front(), ("*", page(200, &site_page("Page not found", "Oops", echo)))],
            Truth::Dead,
            ("soft-404", "same-as-made-up-name"),
        ),
        case(
            "redirect to an error page",
            "/news/story",
            vec![
                front(),
                ("/404.html", page(200, &site_page("Nothing", "Nothing", "Try the search."))),
                ("*", to(302, "/404.html")),
            ],
            Truth::Dead,
            ("soft-404", "same-as-made-up-name"),
        ),
        case(
            "redirect to the section",
            "/news/2019/story",
            vec![front(), ("/news", good("all the news")), ("*", to(302, "/news"))],
            Truth::Dead,
            ("soft-404", "same-as-made-up-name"),
        ),
        case(
            "redirect to the front page",
            "/news/story",
            vec![front(), ("*", to(302, "/"))],
            Truth::Dead,
            ("home-redirect", "front-page-instead"),
        ),
        case(
            "redirect for good to the front page",
            "/news/story",
            vec![front(), ("*", to(301, "/"))],
            Truth::Dead,
            ("home-redirect", "front-page-instead"),
        ),
        case(
            "redirect to the front page in a language",
            "/news/story",
            vec![("/en/", good("today")), ("*", to(302, "/en/"))],
            Truth::Dead,
            ("home-redirect", "front-page-instead"),
        ),
        case(
            "only this page to the front page",
            "/news/story",
            vec![front(), ("/news/story", to(302, "/")), missing()],
            Truth::Hidden,
            ("unknown", "sent-to-front-page"),
        ),
        case(
            "one error page, others 404",
            "/news/story",
            vec![
                front(),
                ("/news/story", page(200, &site_page("Article not found", "Article not found", "It was here once."))),
                missing(),
            ],
            Truth::Hidden,
            ("unknown", "reads-like-missing"),
        ),
    ]);
    cases
}

fn living_cases() -> Vec<Case> {
    let removed = format!(
        "{} This section has been removed from the draft and is no longer available.",
        "Implementations must parse the header before the body. ".repeat(60)
    );
    vec![
        case("200", "/story", vec![("/story", good("the barrage")), missing()], Truth::Living, ("alive", "answered")),
        case(
            "200, and the server never says 404",
            "/story",
            vec![("/story", good("the barrage")), ("*", page(200, &site_page("Not found", "Not found", "Nothing.")))],
            Truth::Living,
            ("alive", "answered"),
        ),
        case(
            "302",
            "/story",
            vec![("/story", redirect(302, "/stories/7")), ("/stories/7", good("the ferry")), missing()],
            Truth::Living,
            ("alive", "temporary-redirect"),
        ),
        case(
            "301",
            "/story",
            vec![("/story", redirect(301, "/stories/7")), ("/stories/7", good("the ferry")), missing()],
            Truth::Living,
            ("moved", "permanent-redirect"),
        ),
        case(
            "a specification that says “has been removed”",
            "/spec",
            vec![("/spec", page(200, &site_page("Header syntax", "Header syntax", &removed))), missing()],
            Truth::Living,
            ("alive", "answered"),
        ),
    ]
}

fn misleading_cases() -> Vec<Case> {
    let lost = "Every fourth link of this paper is dead, and nobody counts them. ".repeat(30);
    let hotel = || {
        page(
            200,
            &site_page(
                "Hotel Seaview",
                "Rooms with a view",
                "Twelve rooms, a garden, and breakfast until noon. Call us.",
            ),
        )
    };
    vec![
        case(
            "an article about pages not found",
            "/lost",
            vec![("/lost", page(200, &site_page("Page not found: how links die", "Page not found", &lost))), missing()],
            Truth::Living,
            ("alive", "answered"),
        ),
        case(
            "the Peugeot 404",
            "/peugeot-404",
            vec![
                (
                    "/peugeot-404",
                    page(
                        200,
                        &site_page(
                            "Peugeot 404",
                            "The Peugeot 404",
                            &"A car for the colonies, built from steel and hope. ".repeat(40),
                        ),
                    ),
                ),
                missing(),
            ],
            Truth::Living,
            ("alive", "answered"),
        ),
        case(
            "an address with “error” in it",
            "/docs/error",
            vec![("/docs/error", good("error values")), missing()],
            Truth::Living,
            ("alive", "answered"),
        ),
        case("a hotel of one page", "/rooms", vec![("*", hotel())], Truth::Living, ("alive", "answered")),
        case(
            "a front page in its language",
            "/",
            vec![("/", redirect(302, "/de/")), ("/de/", good("heute"))],
            Truth::Living,
            ("alive", "temporary-redirect"),
        ),
        case(
            "an index page to the front page",
            "/index.html",
            vec![front(), ("*", redirect(301, "/"))],
            Truth::Living,
            ("moved", "permanent-redirect"),
        ),
        case(
            "a front page that sells a domain's history",
            "/domain-for-sale",
            vec![
                ("/domain-for-sale", page(200, &site_page("Domain for sale", "How a domain for sale found us", &lost))),
                missing(),
            ],
            Truth::Living,
            ("alive", "answered"),
        ),
        case("503, 503, 200", "/flaky", vec![("/flaky", good("the weather"))], Truth::Living, ("alive", "answered")),
    ]
}

fn parked_cases() -> Vec<Case> {
    let lander = "<html><head><title>coastreport.example</title><script src=https://img.sedoparking.com/x.js></script></head><body><h1>coastreport.example</h1>This domain may be for sale by its owner! Related searches: ferry, harbour.</body></html>";
    let german = "<title>coast.example</title><p>Diese Domain steht zum Verkauf. Domain kaufen: Machen Sie dem Inhaber ein Angebot.</p>";
    let russian = "<title>coast.example</title><p>Домен продаётся. Чтобы купить домен, обратитесь к владельцу.</p>";
    vec![
        case(
            "parked, a service's page",
            "/story",
            vec![("*", page(200, lander))],
            Truth::Dead,
            ("parked", "parked-page"),
        ),
        case("parked, the front page", "/", vec![("*", page(200, lander))], Truth::Dead, ("parked", "parked-page")),
        case("parked, in German", "/story", vec![("*", page(200, german))], Truth::Dead, ("parked", "parked-page")),
        case("parked, in Russian", "/story", vec![("*", page(200, russian))], Truth::Dead, ("parked", "parked-page")),
        case(
            "parked, sent to a market",
            "/story",
            vec![("*", redirect(302, "http://www.hugedomains.com/domain_profile"))],
            Truth::Dead,
            ("parked", "domain-market"),
        ),
    ]
}

fn veiled_cases() -> Vec<Case> {
    let form = "<title>Sign in</title><form><input name=user><input type=password></form>";
    let consent = "<title>Before you continue</title><script>window.__tcfapi=function(){}</script><p>We and our 800 partners store information.</p><button>Accept</button>";
    let shell = "<title>Coast</title><div id=root></div><noscript>You need to enable JavaScript to run this app.</noscript><script src=/a.js></script>";
    let heavy = format!(
        "<title>Coast</title><script src=/a.js></script><style>{}</style><div></div>",
        "p{color:red}".repeat(5000)
    );
    let paid = format!(
        "<script type=application/ld+json>{{\"@context\":\"https://schema.org\",\"@type\":\"NewsArticle\",\"isAccessibleForFree\":\"False\"}}</script>{}",
        article("the budget")
    );
    let free = paid.replace("\"False\"", "true");
    let onward = "<meta http-equiv=refresh content='0;url=/elsewhere'><title>Moved</title>";
    vec![
        case(
            "login, sent there",
            "/story",
            vec![("/story", redirect(302, "/login?next=/story")), ("/login?next=/story", page(200, form)), missing()],
            Truth::Hidden,
            ("login", "login-page"),
        ),
        case(
            "login, in place of the page",
            "/story",
            vec![("*", page(200, form))],
            Truth::Hidden,
            ("login", "login-form"),
        ),
        case(
            "a login page that was cited",
            "/login",
            vec![("/login", page(200, form)), missing()],
            Truth::Living,
            ("alive", "answered"),
        ),
        case(
            "consent, sent there",
            "/story",
            vec![("/story", redirect(302, "http://consent.wall.test/ask")), missing()],
            Truth::Hidden,
            ("unknown", "consent-wall"),
        ),
        case(
            "consent, in place of the page",
            "/story",
            vec![("*", page(200, consent))],
            Truth::Hidden,
            ("unknown", "consent-wall"),
        ),
        case(
            "a page with a consent framework",
            "/story",
            vec![("/story", page(200, &format!("<script>__tcfapi</script>{}", article("the tide")))), missing()],
            Truth::Living,
            ("alive", "answered"),
        ),
        case("only scripts", "/story", vec![("*", page(200, shell))], Truth::Hidden, ("unknown", "needs-scripts")),
        case(
            "only scripts, heavy",
            "/story",
            vec![("*", page(200, &heavy))],
            Truth::Hidden,
            ("unknown", "needs-scripts"),
        ),
        case("sends on by itself", "/story", vec![("*", page(200, onward))], Truth::Hidden, ("unknown", "sends-on")),
        case(
            "paywall",
            "/story",
            vec![("/story", page(200, &paid)), missing()],
            Truth::Living,
            ("paywall", "not-free"),
        ),
        case(
            "free to read, and says so",
            "/story",
            vec![("/story", page(200, &free)), missing()],
            Truth::Living,
            ("alive", "answered"),
        ),
    ]
}

/// All of them.
pub fn cases() -> Vec<Case> {
    let all = [living_cases(), misleading_cases(), missing_cases(), parked_cases(), veiled_cases(), wall_cases()];
    all.into_iter().flatten().chain(addresses::cases()).collect()
}
