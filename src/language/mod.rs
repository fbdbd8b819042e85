//! What obelus knows about written language, without any document: which
//! characters end sentences, which scripts put spaces between words, which
//! words are whole, and what is a host name.

mod common;
mod detect;
mod edge;
mod ending;
mod host;
mod lexicon;
mod opening;
mod punctuation;
mod script;
mod segment;
mod table;
mod word;

pub use common::{is_common, is_dangling, joins_clauses};
pub use detect::{language_of, language_of_beginning};
pub use edge::{begins_as_no_word, begins_no_word, ends_as_no_word, ends_no_word};
pub use ending::{Ending, ending, ending_keys, may_be_ending};
pub use host::{Host, HostClaim, claim_host};
pub use opening::{Opening, opening};
pub use punctuation::{begins_no_sentence, closes, ends_clause, ends_sentence, is_dash, is_quote, opens};
pub use script::{Alphabet, alphabet, is_spaced_letter, is_unspaced_letter};
pub use segment::{is_inside_word, word_ends};
pub use word::{LazyVocabulary, Vocabulary, first_word, is_word_char, last_word};
