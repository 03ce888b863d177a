//! Tools that the API runs itself: each method adds the call and its result.
//!
//! A result's `tool_use_id` is filled in when the reply is given: it is the id of the call before
//! it.

use serde_json::{Value, json};

use super::{Reply, block};

impl Reply {
    /// Adds a web search and its results, each a URL and a title.
    pub fn with_web_search<'a>(
        self,
        query: impl Into<String>,
        results: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Self {
        let query: String = query.into();
        let results: Vec<Value> = results
            .into_iter()
            .map(|(url, title)| {
                json!({
                    "type": "web_search_result", "url": url, "title": title, "page_age": null,
                    "encrypted_content": "simulated",
                })
            })
            .collect();
        self.with_server_tool("web_search", json!({"query": query}), json!(results))
    }

    /// Adds the fetching of a page, and the page as plain text.
    pub fn with_web_fetch(self, url: impl Into<String>, page: impl Into<String>) -> Self {
        let (url, page): (String, String) = (url.into(), page.into());
        let result = json!({
            "type": "web_fetch_result", "url": url, "retrieved_at": null,
            "content": {
                "type": "document", "title": null, "citations": null,
                "source": {"type": "text", "media_type": "text/plain", "data": page},
            },
        });
        self.with_server_tool("web_fetch", json!({"url": url}), result)
    }

    /// Adds the running of Python code, and what it printed.
    pub fn with_code_execution(self, code: impl Into<String>, stdout: impl Into<String>) -> Self {
        let (code, stdout): (String, String) = (code.into(), stdout.into());
        let result = json!({
            "type": "code_execution_result", "stdout": stdout, "stderr": "", "return_code": 0, "content": [],
        });
        self.with_server_tool("code_execution", json!({"code": code}), result)
    }

    /// Adds a shell command run in the container, and what it printed.
    pub fn with_bash(self, command: impl Into<String>, stdout: impl Into<String>) -> Self {
        let (command, stdout): (String, String) = (command.into(), stdout.into());
        let result = json!({
            "type": "bash_code_execution_result", "stdout": stdout, "stderr": "", "return_code": 0, "content": [],
        });
        self.with_server_tool("bash_code_execution", json!({"command": command}), result)
    }

    /// Adds the creation of a file in the container.
    pub fn with_file_created(self, path: impl Into<String>, text: impl Into<String>) -> Self {
        let (path, text): (String, String) = (path.into(), text.into());
        let result =
            json!({"type": "text_editor_code_execution_create_result", "is_file_update": false});
        let input = json!({"command": "create", "path": path, "file_text": text});
        self.with_server_tool("text_editor_code_execution", input, result)
    }

    /// Adds a look at a text file in the container.
    pub fn with_file_viewed(self, path: impl Into<String>, text: impl Into<String>) -> Self {
        let (path, text): (String, String) = (path.into(), text.into());
        let lines = text.lines().count();
        let result = json!({
            "type": "text_editor_code_execution_view_result", "file_type": "text", "content": text,
            "num_lines": lines, "start_line": 1, "total_lines": lines,
        });
        let input = json!({"command": "view", "path": path});
        self.with_server_tool("text_editor_code_execution", input, result)
    }

    /// Adds a search among deferred tools, and the names of those it found.
    pub fn with_tool_search<'a>(
        self,
        query: impl Into<String>,
        found: impl IntoIterator<Item = &'a str>,
    ) -> Self {
        let query: String = query.into();
        let references: Vec<Value> = found
            .into_iter()
            .map(|name| json!({"type": "tool_reference", "tool_name": name}))
            .collect();
        let result =
            json!({"type": "tool_search_tool_search_result", "tool_references": references});
        self.with_server_tool("tool_search_tool_bm25", json!({"query": query}), result)
    }

    /// Adds a question to the advisor, and its advice.
    pub fn with_advice(self, advice: impl Into<String>) -> Self {
        let advice: String = advice.into();
        let result = json!({"type": "advisor_result", "text": advice, "stop_reason": "end_turn"});
        self.with_server_tool("advisor", json!({}), result)
    }

    /// Adds a call of a remote MCP server's tool, and the text of its result.
    pub fn with_mcp_tool(
        self,
        server: impl Into<String>,
        tool: impl Into<String>,
        input: Value,
        answer: impl Into<String>,
    ) -> Self {
        let (server, tool, answer): (String, String, String) =
            (server.into(), tool.into(), answer.into());
        let call = [
            ("server_name", json!(server)),
            ("name", json!(tool)),
            ("input", input),
        ];
        let content = json!([{"type": "text", "text": answer, "citations": null}]);
        self.with_block(block("mcp_tool_use", call))
            .with_block(block(
                "mcp_tool_result",
                [("is_error", json!(false)), ("content", content)],
            ))
    }

    /// Adds a server tool's call and its result, whose content is as on the wire: what the other
    /// methods are made of, for what they leave out, such as a tool's own errors.
    ///
    /// ```
    /// use anthropic_sim::Reply;
    /// use serde_json::json;
    ///
    /// let failed = json!({"type": "web_search_tool_result_error", "error_code": "max_uses_exceeded"});
    /// let reply = Reply::new()
    ///     .with_server_tool("web_search", json!({"query": "rivers"}), failed)
    ///     .with_text("I could not search.");
    /// # let _ = reply;
    /// ```
    pub fn with_server_tool(
        self,
        name: impl Into<String>,
        input: Value,
        result: impl Into<Value>,
    ) -> Self {
        let name: String = name.into();
        // Both ways of searching for tools have results of one type.
        let base = if name.starts_with("tool_search") {
            "tool_search"
        } else {
            &name
        };
        let kind = format!("{base}_tool_result");
        let call = [("name", json!(name)), ("input", input)];
        self.with_block(block("server_tool_use", call))
            .with_block(block(&kind, [("content", result.into())]))
    }
}
