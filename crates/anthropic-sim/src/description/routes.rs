//! Which operation a request is for, by its method and path.

use http::Method;

use super::{Description, Operation};
use crate::http::call::decode;

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Segment {
    Literal(String),
    Param(String),
}

/// A path and the operations on it: for each method the one of the general API, the one of the
/// beta, or both.
#[derive(Debug)]
pub(crate) struct Route {
    segments: Vec<Segment>,
    methods: Vec<(Method, Variants)>,
}

/// Places in the table of operations.
#[derive(Debug, Clone, Copy, Default)]
struct Variants {
    general: Option<usize>,
    beta: Option<usize>,
}

/// A request's operation, with its path's parameters.
#[derive(Debug, Clone)]
pub(crate) struct Matched {
    pub(crate) operation: &'static Operation,
    /// The same method of the other API, if it has one.
    pub(crate) twin: Option<&'static Operation>,
    pub(crate) params: Vec<(&'static str, String)>,
}

pub(super) fn table(operations: &[Operation]) -> Vec<Route> {
    let mut routes: Vec<Route> = Vec::new();
    for (index, operation) in operations.iter().enumerate() {
        let segments = segments(&operation.path);
        let place = routes.iter().position(|route| route.segments == segments);
        let place = place.unwrap_or_else(|| {
            routes.push(Route {
                segments,
                methods: Vec::new(),
            });
            routes.len() - 1
        });
        if let Some(route) = routes.get_mut(place) {
            route.add(operation, index);
        }
    }
    // A literal comes before a parameter in its place, so the first that matches is the right one.
    routes.sort_by(|one, two| one.segments.cmp(&two.segments));
    routes
}

fn segments(path: &str) -> Vec<Segment> {
    path.trim_start_matches('/')
        .split('/')
        .map(|part| {
            let param = part
                .strip_prefix('{')
                .and_then(|part| part.strip_suffix('}'));
            match param {
                Some(name) => Segment::Param(name.to_owned()),
                None => Segment::Literal(part.to_owned()),
            }
        })
        .collect()
}

impl Route {
    fn add(&mut self, operation: &Operation, index: usize) {
        let method = &operation.method;
        let place = self.methods.iter().position(|(known, _)| known == method);
        let place = place.unwrap_or_else(|| {
            self.methods.push((method.clone(), Variants::default()));
            self.methods.len() - 1
        });
        if let Some((_, variants)) = self.methods.get_mut(place) {
            if operation.is_beta() {
                variants.beta = Some(index);
            } else {
                variants.general = Some(index);
            }
        }
    }

    fn fits(&self, parts: &[&str]) -> bool {
        self.segments.len() == parts.len()
            && self.segments.iter().zip(parts).all(|(segment, part)| {
                matches!(segment, Segment::Param(_)) && !part.is_empty()
                    || matches!(segment, Segment::Literal(text) if text == part)
            })
    }
}

impl Description {
    /// The route of a path.
    pub(crate) fn route(&self, path: &str) -> Option<&Route> {
        let parts: Vec<&str> = path.strip_prefix('/')?.split('/').collect();
        self.routes.iter().find(|route| route.fits(&parts))
    }

    /// The operation of a request; of two, the beta's when the request asks for betas.
    pub(crate) fn matched(
        &'static self,
        method: &Method,
        path: &str,
        beta: bool,
    ) -> Option<Matched> {
        let route = self.route(path)?;
        let (_, variants) = route.methods.iter().find(|(known, _)| known == method)?;
        let (first, second) = if beta {
            (variants.beta, variants.general)
        } else {
            (variants.general, variants.beta)
        };
        let of = |index: Option<usize>| self.operations.get(index?);
        let parts = path.trim_start_matches('/').split('/');
        let params = route.segments.iter().zip(parts);
        let params = params.filter_map(|(segment, part)| match segment {
            Segment::Param(name) => Some((name.as_str(), decode(part, false))),
            Segment::Literal(_) => None,
        });
        Some(Matched {
            operation: of(first).or_else(|| of(second))?,
            twin: of(first).and(of(second)),
            params: params.collect(),
        })
    }
}
