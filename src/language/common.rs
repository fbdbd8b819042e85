//! The commonest words of the languages articles come in: enough to say
//! that `how` after a label is a whole word. They explain a finding, they
//! do not make it.

/// The lists of the languages that a text is in: those of whose words it has
/// at least half as many as of the best list's, and five.
pub(super) fn common_lists(has: impl Fn(&str) -> bool) -> Vec<&'static str> {
    let counts = LISTS.map(|list| list.split_ascii_whitespace().filter(|word| has(word)).count());
    let best = counts.into_iter().max().unwrap_or(0);
    LISTS.into_iter().zip(counts).filter(|(_, count)| 5 <= *count && best <= 2 * count).map(|(list, _)| list).collect()
}

/// Whether a phrase cannot end with `word`: an article, a preposition, a
/// conjunction. A citation behind one interrupts something.
#[must_use]
pub fn is_dangling(word: &str) -> bool {
    let lower = word.to_lowercase();
    DANGLING.split_ascii_whitespace().any(|dangling| dangling == lower)
}

/// Whether `word` is among the commonest of a language, and so no
/// abbreviation; `no.` may be a number.
#[must_use]
pub fn is_common(word: &str) -> bool {
    let lower = word.to_lowercase();
    lower != "no" && LISTS.iter().any(|list| list.split_ascii_whitespace().any(|known| known == lower))
}

/// Whether `word` begins a new clause: what stands before it may be whole.
#[must_use]
pub fn joins_clauses(word: &str) -> bool {
    let lower = word.to_lowercase();
    JOINING.split_ascii_whitespace().any(|joining| joining == lower)
}

const JOINING: &str = "and but while although because und aber während weil et mais tandis y pero mientras \
    и но а однако та але і однак";

/// English, German, French, Spanish, Russian, Ukrainian; words that are
/// something else in another of them are left out.
const DANGLING: &str = "the an of and or with from into their its our your had has have is are was were been \
    der das und oder mit vom zum zur einen einem einer eines dem \
    le les des du et ou avec dans une aux \
    el los las del y con una \
    и в на с по для от или к у о \
    і й з та для від або до";

/// Written for this project: closed-class words and a few of the commonest
/// verbs, adverbs and nouns. Single letters only where they are words.
const LISTS: [&str; 8] = [ENGLISH, GERMAN, FRENCH, SPANISH, RUSSIAN, UKRAINIAN, ARABIC, HINDI];

pub(super) const ENGLISH: &str = "a about above according across after again against ago all almost alone along already also although always am among an and another any anyone anything are around as ask at away back be became because become been before began behind being below between beyond both bring but by call came can cannot case come could country day days did different do does doing done down during each early either end enough even ever every everyone everything example face fact far few find first for former found four from full further gave general get give given go going good got government great group had half hand hard has have having he held help her here high him his home hours house how however i if important in indeed inside instead into is it its itself just keep kept kind know known large last late later law least leave led left less let life like likely line little local long longer look made main make making man many may me mean means men might month months more most move much must my near nearly need never new next night no nor not nothing now number of off often old on once one only onto open or order other others our out outside over own paid part past pay people perhaps place plan point policy possible public put question rather real really right role said same saw say says second see seem seems seen set several shall she should show side since six small so some something soon state still such support system take taken team ten than that the their them then there these they thing things think this those though three through thus time times to today together told too took toward towards two under until up upon us use used using very want war was way ways we week weeks well went were what when where whether which while who whole whom whose why will with within without women word work working world would year years yes yet you young your";
const GERMAN: &str = "ab aber alle allem allen aller alles als also am an andere anderen auch auf aus bei beim bereits bis bisher da dabei dafür damit dann daran darauf das dass davon dazu dem den denn der deren des dessen die dies diese diesem diesen dieser dieses doch dort durch ein eine einem einen einer eines einige er erst es etwa etwas für gab ganz gar gegen gibt hat hatte hatten haben heute hier ihr ihre ihrem ihren ihrer im immer in indem ins ist ja jahr jahre jahren jede jeder jedes jetzt kann kein keine keinen konnte können lange machen man mehr mehrere mit muss müssen nach neue neuen nicht nichts noch nun nur ob oder ohne schon sehr sei sein seine seinem seinen seiner seit sich sie sind so sobald soll sollen sondern sonst über um und uns unter viel viele vielen vom von vor wann war waren warum was weil weiter wenn wer werden wie wieder will wir wird wo wohl worden wurde wurden während zu zum zur zwar zwei zwischen";
const FRENCH: &str = "à afin ainsi ait alors ans après au aucun aussi autre autres aux avait avant avec avoir car ce cela ces cet cette ceux chaque chez comme comment contre dans de depuis des deux devant dit doit donc dont du elle elles en encore entre est et étaient était été être eux faire fait fois font il ils jamais jour jours la le les leur leurs lors lorsque lui mais même mois moins ne ni non nos notre nous on ont ou où par parce pas pendant peu peut plus pour pourquoi près puis qu quand que quel quelle qui sa sans se selon sera ses si sont sous soit son sur tous tout toute toutes très trop un une vers vous y";
const SPANISH: &str = "a además ahora al algo algunos ante antes año años aquí así aún aunque bajo bien cada casi como cómo con contra cual cuando de del desde después día días donde dos durante e el él ella ellos en entre era eran es esa ese eso esta está estaba están estas este esto estos fue fueron gran ha había han hasta hay hoy la las le les lo los más me mientras mismo mucho muy nada ni no nos o otra otro otros para pero poco por porque que qué quien se según ser si sí sin sino sobre solo son su sus también tan tanto tiene tienen toda todas todo todos tras tres un una unas uno unos y ya";
const RUSSIAN: &str = "а без более больше бы был была были было быть в вам вас весь во вот все всё всего всех вы где да даже для до ее её если есть еще ещё же за здесь и из или им их к как какой когда кто ли либо между меня мне много может можно мы на над надо наш не него нее ней нет ни них но ну о об один он она они оно от очень по под после потом потому при про раз с сам свой свои себя сейчас сказал со так также такой там то тогда того только том тот у уже хотя чего чем через что чтобы эта эти это этого этом этот я";
const UKRAINIAN: &str = "а або але без би був була були було бути в вам вас вже ви від він вона вони все всі всіх де для до є ж за з зі із і й її їх їхні коли кого який яка яке які лише між мене ми на над нас наш не нема немає ні ніж них но о один після по під при про раз рік роки років саме свої себе серед та так також такі там те тепер ти тим то того тоді тому тут у уже хто це цей цього ці через чи чому що щоб як якщо";
const ARABIC: &str = "في من على إلى عن أن إن هذا هذه ذلك تلك التي الذي الذين كان كانت قد قال كما كل بعد قبل بين حتى ثم أو و لا لم لن ما هو هي هم مع منذ عند غير أي أيضا خلال حيث لكن إذا بعض نحو يوم عام سنة";
const HINDI: &str = "का की के में है हैं और से को पर ने कि यह वह ये वे एक इस उस इन उन था थी थे हो कर किया जा जो तो भी नहीं ही अब तक बाद लिए साथ क्या कोई कुछ जब तब अपने या होता होती हुए दो साल दिन";

#[cfg(test)]
mod tests {
    use super::{ENGLISH, common_lists};

    #[test]
    fn the_text_names_its_language() {
        let words = ["the", "of", "and", "how", "it", "is", "on"];
        assert_eq!(common_lists(|word| words.contains(&word)), [ENGLISH]);
        assert!(common_lists(|_| false).is_empty());
    }
}
