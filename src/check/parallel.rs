//! The one place with threads.

use rayon::iter::{IntoParallelIterator, ParallelIterator};

/// Maps `items` on all cores; the results keep the order of the items.
pub fn in_parallel<Item, Output, Work>(items: Vec<Item>, work: Work) -> Vec<Output>
where
    Item: Send,
    Output: Send,
    Work: Fn(Item) -> Output + Sync + Send,
{
    items.into_par_iter().map(work).collect()
}
