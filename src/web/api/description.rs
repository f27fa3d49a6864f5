//! The API in OpenAPI 3.1: its shapes are made from the types that are served, so that it cannot say another thing than what comes.

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, SchemaGenerator};
use serde_json::{Map, Value, json};

use super::shapes::{Changes, Deliveries, Plans, Polls, Sources, Standard, Standards, ToldChange, TriedDelivery};
use super::{BODIES, LONGEST, MOST, SORTS, USUAL};
use crate::web::answer::{Answer, Content, Desk, Refusal};

/// A parameter: its name, what it says, and the schema of its values.
type Parameter = (&'static str, &'static str, Value);

/// `/api/v1/openapi.json`.
pub(super) fn page(_desk: &Desk<'_>) -> Result<Answer, Refusal> {
    let text = serde_json::to_string_pretty(&description()).map_err(|_| Refusal::Wrong)?;
    Ok(Content::of("application/json", text).into())
}

fn description() -> Value {
    let settings = SchemaSettings::draft2020_12().with(|settings| {
        settings.definitions_path = "/components/schemas".into();
        settings.meta_schema = None;
    });
    let mut schemas = settings.into_generator();
    let paths = paths(&mut schemas);
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "stagewatch",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "What was watched and what came of it. Lists come a page at a time; `next` is the address of the next one. \
                            Answers carry an ETag. Away from the machine that serves it, every request needs the token.",
        },
        "security": [{}, { "token": [] }],
        "paths": paths,
        "components": {
            "schemas": with_error(schemas.take_definitions(true)),
            "securitySchemes": { "token": { "type": "http", "scheme": "bearer" } },
        },
    })
}

fn paths(schemas: &mut SchemaGenerator) -> Value {
    let text = || json!({ "type": "string", "minLength": 1, "maxLength": LONGEST, "pattern": r"\S" });
    let limit =
        || ("limit", "At most so many.", json!({ "type": "integer", "minimum": 1, "maximum": MOST, "default": USUAL }));
    let project = || json!({ "type": "string", "maxLength": LONGEST, "pattern": r"^(iso:\+?[0-9]{1,18}|(sac|gb|tc260|page):\S.*)$" });
    let after = || {
        let schema = json!({ "type": "string", "maxLength": LONGEST, "pattern": r"^[+-]?[0-9]{1,17}\." });
        ("after", "Where to go on; `next` has it.", schema)
    };
    let in_path = |about: &'static str| Some(("id", about, text()));
    let kinds: Vec<&str> = crate::changes::change::Kind::ALL.iter().map(|kind| kind.as_str()).collect();
    let states: Vec<&str> = crate::store::DeliveryState::ALL.iter().map(|state| state.as_str()).collect();
    let filters = vec![
        ("q", "Words of the reference or of a title, in any language.", text()),
        ("watch", "The id of a watch; `*` is everything seen.", text()),
        ("body", "`iso`, `sac`, `gb` or `tc260`.", json!({ "type": "string", "enum": BODIES })),
        ("committee", "A committee, with its groups.", text()),
        ("stage", "A main stage: `iso-40`, `gb-30`.", text()),
        ("sort", "By what.", json!({ "type": "string", "enum": SORTS })),
        limit(),
        ("after", "The project to go on after; `next` has it.", project()),
    ];
    let of_changes = vec![
        ("kind", "Only of this kind.", json!({ "type": "string", "enum": kinds })),
        ("watch", "Only those that concern this watch.", text()),
        ("project", "Only of this project: `iso:80973`.", project()),
        ("source", "Only shown first by this source.", text()),
        ("since", "Only seen then or later.", json!({ "type": "string", "format": "date-time" })),
        limit(),
        after(),
    ];
    let of_deliveries = vec![
        ("state", "Only those that stand there.", json!({ "type": "string", "enum": states })),
        ("subscriber", "Only for this subscriber.", text()),
        ("change", "Only those that tell of this change.", text()),
        limit(),
        after(),
    ];
    let before = (
        "before",
        "Where to go on; `next` has it.",
        json!({ "type": "integer", "format": "int64", "minimum": 0, "maximum": i64::MAX }),
    );
    json!({
        "/api/v1/standards": get::<Standards>(schemas, "Projects as all sources together show them", None, filters),
        "/api/v1/standards/{id}": get::<Standard>(schemas, "One project, whole", in_path("`iso:80973`"), Vec::new()),
        "/api/v1/changes": get::<Changes>(schemas, "What changed, newest first", None, of_changes),
        "/api/v1/changes/{id}": get::<ToldChange>(schemas, "One change", in_path("`chg_…`"), Vec::new()),
        "/api/v1/sources": get::<Sources>(schemas, "How every source fares", None, Vec::new()),
        "/api/v1/sources/{id}/polls": get::<Polls>(schemas, "Polls of a source, newest first", in_path("Its id"), vec![limit(), before]),
        "/api/v1/deliveries": get::<Deliveries>(schemas, "What went out, newest first", None, of_deliveries),
        "/api/v1/deliveries/{id}": get::<TriedDelivery>(schemas, "One delivery, with its attempts", in_path("`dlv_…`"), Vec::new()),
        "/api/v1/plans": get::<Plans>(schemas, "Work plans, measured", None, Vec::new()),
    })
}

fn get<T: JsonSchema>(
    schemas: &mut SchemaGenerator,
    summary: &str,
    in_path: Option<Parameter>,
    in_query: Vec<Parameter>,
) -> Value {
    let parameter = |place: &str, (name, about, schema): Parameter| json!({ "name": name, "in": place, "required": place == "path", "description": about, "schema": schema });
    let has_path = in_path.is_some();
    let has_query = !in_query.is_empty();
    let parameters: Vec<Value> = in_path
        .into_iter()
        .map(|one| parameter("path", one))
        .chain(in_query.into_iter().map(|one| parameter("query", one)))
        .collect();
    let refused = |about: &str| {
        let schema = json!({ "$ref": "#/components/schemas/Error" });
        json!({ "description": about, "content": { "application/json": { "schema": schema } } })
    };
    let mut responses = Map::new();
    let schema = schemas.subschema_for::<T>();
    responses.insert(
        "200".to_owned(),
        json!({ "description": summary, "content": { "application/json": { "schema": schema } } }),
    );
    if has_query {
        responses.insert("400".to_owned(), refused("A parameter says something that nobody knows"));
    }
    if has_path || has_query {
        responses.insert("404".to_owned(), refused("There is no such thing, or not any more"));
    }
    for (status, about) in
        [("401", "The token is wrong or missing"), ("403", "Not from there"), ("429", "Too many wrong tokens")]
    {
        responses.insert(status.to_owned(), refused(about));
    }
    json!({ "get": { "summary": summary, "parameters": parameters, "responses": responses } })
}

fn with_error(mut schemas: Map<String, Value>) -> Map<String, Value> {
    let error = json!({
        "type": "object",
        "properties": { "error": { "type": "string" }, "status": { "type": "integer" } },
        "required": ["error", "status"],
    });
    schemas.insert("Error".to_owned(), error);
    schemas
}
