//! Signs in a page's words. A sign alone proves nothing: a page that says "has
//! been removed" may be a specification. It raises a doubt, which a control
//! request settles, or adds to other facts.

use std::sync::LazyLock;

use aho_corasick::AhoCorasick;

use super::markup::Markup;

/// What a page's words and elements are a sign of. Public because
/// observations keep signs instead of pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PageSign {
    /// The title or the first heading says that something is missing.
    MissingTitle,
    /// The text begins by saying so.
    MissingText,
    /// The title, heading or first words offer the domain for sale.
    ForSale,
    /// The source refers to a service that parks domains.
    ParkingService,
    /// A password is asked for.
    PasswordField,
    /// The source holds a framework that asks for consent.
    ConsentFramework,
    /// Scripts are to make the page, and its text says so or has a place for it.
    NeedsScripts,
    /// The page sends readers on by itself.
    Refresh,
    /// There are scripts, which may make anchors.
    Scripts,
    /// The address has words for the page, and few of them are on it.
    LittleOfAddress,
}

/// How much of the text counts as its beginning, in bytes.
const OPENING: usize = 600;

/// The signs on a page, sorted. `source` is the markup as text.
pub(super) fn signs_of(page: &Markup, source: &str) -> Vec<PageSign> {
    let opening = page.main.get(..page.main.floor_char_boundary(OPENING)).unwrap_or_default();
    let (head, opening) = (lowered(&format!("{}\n{}", page.title, page.heading)), lowered(opening));
    let says_scripts = page.without_scripts.to_lowercase().contains("javascript");
    let mut signs: Vec<PageSign> = [
        (PageSign::MissingTitle, says_missing(&head)),
        (PageSign::MissingText, says_missing(&opening)),
        (PageSign::ForSale, holds(&SALE_WORDS, &head) || holds(&SALE_WORDS, &opening)),
        (PageSign::ParkingService, holds(&PARKING_WORDS, source)),
        (PageSign::PasswordField, page.has_password_field),
        (PageSign::ConsentFramework, holds(&CONSENT_WORDS, source)),
        (PageSign::NeedsScripts, page.has_scripts && (page.has_mount || says_scripts)),
        (PageSign::Refresh, page.has_refresh),
        (PageSign::Scripts, page.has_scripts),
    ]
    .into_iter()
    .filter_map(|(sign, is_there)| is_there.then_some(sign))
    .collect();
    signs.sort_unstable();
    signs
}

type Finder = LazyLock<Option<AhoCorasick>>;

static MISSING_WORDS: Finder = LazyLock::new(|| AhoCorasick::new(MISSING).ok());
static SALE_WORDS: Finder = LazyLock::new(|| AhoCorasick::new(SALE).ok());
static PARKING_WORDS: Finder = LazyLock::new(|| in_any_case(PARKING));
static CONSENT_WORDS: Finder = LazyLock::new(|| in_any_case(CONSENT));

fn in_any_case(words: &[&str]) -> Option<AhoCorasick> {
    AhoCorasick::builder().ascii_case_insensitive(true).build(words).ok()
}

fn lowered(text: &str) -> String {
    text.to_lowercase().replace('’', "'")
}

fn holds(finder: &Finder, text: &str) -> bool {
    finder.as_ref().is_some_and(|finder| finder.is_match(text))
}

fn says_missing(text: &str) -> bool {
    holds(&MISSING_WORDS, text) || holds_number(text, "404")
}

/// Whether a number stands in a text by itself, no part of a longer one.
fn holds_number(text: &str, number: &str) -> bool {
    let is_part = |c: char| c.is_ascii_digit();
    text.match_indices(number).any(|(at, _)| {
        let (before, behind) = (text.get(..at), text.get(at + number.len()..));
        !before.is_some_and(|before| before.ends_with(is_part))
            && !behind.is_some_and(|behind| behind.starts_with(is_part))
    })
}

/// What error pages say beside their status, in lower case, by language.
const MISSING: &[&str] = &[
    // English
    "not found",
    "no longer available",
    "no longer exists",
    "does not exist",
    "doesn't exist",
    "not be found",
    "can't be found",
    "couldn't find",
    "could not find",
    "can't find",
    "cannot find",
    "has been removed",
    "has been deleted",
    "has expired",
    "not available",
    "unavailable",
    "nothing here",
    "nothing was found",
    "page missing",
    "missing page",
    "no such page",
    "error page",
    "page error",
    "oops",
    // German
    "nicht gefunden",
    "nicht verfügbar",
    "nicht mehr",
    "existiert nicht",
    "nicht finden",
    "wurde entfernt",
    "wurde gelöscht",
    "fehlerseite",
    // French
    "introuvable",
    "n'existe pas",
    "n'existe plus",
    "non trouvé",
    "pas été trouvé",
    "plus disponible",
    "pas disponible",
    "a été supprimé",
    "page d'erreur",
    // Spanish
    "no encontrad",
    "no existe",
    "no se encuentra",
    "no se ha encontrado",
    "no pudimos encontrar",
    "no disponible",
    "no está disponible",
    "ha sido eliminad",
    "página de error",
    // Italian
    "non trovat",
    "non esiste",
    "non è stata trovata",
    "non disponibile",
    "non è più disponibile",
    "è stata rimossa",
    // Portuguese
    "não encontrad",
    "não existe",
    "não foi encontrad",
    "não está disponível",
    "não disponível",
    "foi removid",
    // Dutch
    "niet gevonden",
    "bestaat niet",
    "niet beschikbaar",
    "niet meer",
    // Swedish, Danish, Norwegian, Finnish
    "hittades inte",
    "inte hittas",
    "hittar inte",
    "finns inte",
    "ikke fundet",
    "findes ikke",
    "ikke funnet",
    "finnes ikke",
    "ei löyd",
    "ei löyt",
    // Polish, Czech, Slovak, Hungarian, Romanian
    "nie znaleziono",
    "nie istnieje",
    "nie została znaleziona",
    "niedostępn",
    "nenalezen",
    "neexistuje",
    "nebyla nalezena",
    "nenájden",
    "nem található",
    "nu a fost găsit",
    "nu există",
    // Greek, Turkish
    "δεν βρέθηκε",
    "δεν υπάρχει",
    "bulunamadı",
    "mevcut değil",
    // Russian, Ukrainian, Bulgarian, Serbian
    "не найден",
    "не существует",
    "удалена",
    "удалён",
    "недоступн",
    "не знайдено",
    "не знайдена",
    "не існує",
    "видалено",
    "не е намерен",
    "не съществува",
    "није пронађен",
    // Chinese, Japanese, Korean
    "找不到",
    "未找到",
    "不存在",
    "无法找到",
    "無法找到",
    "已删除",
    "已被删除",
    "已刪除",
    "见つか",
    "見つかりません",
    "存在しません",
    "ページがありません",
    "お探しのページ",
    "찾을 수 없",
    "존재하지 않",
    "삭제되",
    // Arabic, Persian, Hebrew, Hindi
    "غير موجود",
    "لم يتم العثور",
    "لا يمكن العثور",
    "یافت نشد",
    "پیدا نشد",
    "לא נמצא",
    "नहीं मिला",
    // Thai, Vietnamese, Indonesian
    "ไม่พบ",
    "không tìm thấy",
    "không tồn tại",
    "tidak ditemukan",
];

/// What parked domains say, in lower case.
const SALE: &[&str] = &[
    "domain is for sale",
    "domain may be for sale",
    "domain for sale",
    "domain name is for sale",
    "buy this domain",
    "domain is parked",
    "domain parked",
    "parked domain",
    "parked free",
    "domain has expired",
    "domain name has expired",
    "domain expired",
    "about this domain",
    "domain is available",
    "make an offer",
    "domain steht zum verkauf",
    "domain kaufen",
    "domain zu verkaufen",
    "domaine est à vendre",
    "domaine à vendre",
    "dominio está en venta",
    "dominio en venta",
    "dominio è in vendita",
    "dominio in vendita",
    "domínio está à venda",
    "domínio à venda",
    "domein is te koop",
    "domeinnaam is te koop",
    "domänen är till salu",
    "domena jest na sprzedaż",
    "domena na sprzedaż",
    "домен продается",
    "домен продаётся",
    "домен припаркован",
    "купить домен",
    "домен продається",
    "域名出售",
    "域名正在出售",
    "此域名",
    "購買此域名",
    "ドメインは売",
    "ドメインを購入",
    "도메인 판매",
];

/// Where parking pages get their scripts and offers from.
const PARKING: &[&str] = &[
    "sedoparking.com",
    "parkingcrew.net",
    "parklogic.com",
    "bodis.com",
    "parking-lander",
    "hugedomains.com/domain_profile",
    "afternic.com/forsale",
    "sedo.com/search/details",
    "dan.com/buy-domain",
    "above.com/marketplace",
    "domainmarket.com",
    "buydomains.com/lander",
    "d1lxhc4jvstzrp.cloudfront.net",
    "namecheap.com/parking",
    "parked-content.godaddy.com",
];

/// The interface of the consent framework of IAB Europe (TCF v2), and makers of such walls.
const CONSENT: &[&str] =
    &["__tcfapi", "consent.google.", "consent.yahoo.com", "guce.", "sourcepoint", "consentmanager.net"];
