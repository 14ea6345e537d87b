using System.Text.Json.Nodes;
using FsCheck;
using FsCheck.Fluent;
using GpuStack.Kubernetes.Schemas;
using GpuStack.Kubernetes.Schemas.Cel.Evaluation;
using GpuStack.Kubernetes.Schemas.Cel.Syntax;
using GpuStack.Kubernetes.Schemas.Cel.Types;

namespace GpuStack.Kubernetes.Tests.Schemas;

public sealed class CelProperties
{
    private static readonly string[] Pieces =
    [
        "self", "oldSelf", "x", "1", "2.5", "\"a\"", "'b'", "true", "null", "(", ")", "[", "]", "{", "}", ".", ",", ":", "?", "!",
        "+", "-", "*", "/", "%", "==", "!=", "<", ">=", "&&", "||", " in ", "size", "has(", "all(x,", "map(x,", "matches(", "\\", "\"", "0x",
        "1e", "u", "quantity(", "duration(", "self.a", "self.t", "self.l", "[0]", ".split(", "int(", "string(",
    ];

    private static readonly StructuralSchema Widget = StructuralSchema.Parse(Schema(null));

    [Fact]
    public void Any_text_is_parsed_or_refused_by_the_parsers_own_exception()
    {
        var texts = Gen.OneOf(
            Gen.Elements(Pieces).ListOf().Select(p => string.Concat(p)),
            ArbMap.Default.GeneratorFor<string>().Select(s => s ?? ""));
        Check.QuickThrowOnFailure(Prop.ForAll(texts.ToArbitrary(), text =>
        {
            try
            {
                CelCompiler.Compile(text, CelType.Dyn, hasOldSelf: true, CelType.Dyn);
            }
            catch (CelSyntaxException e)
            {
                Assert.NotEmpty(e.Message);
            }
        }));
    }

    [Fact]
    public void A_compiled_rule_always_comes_to_an_end_with_a_value_or_an_error()
    {
        var rules = Expression(4).Where(Compiles);
        var cases = from rule in rules from value in Value() select (rule, value);
        Check.QuickThrowOnFailure(Prop.ForAll(cases.ToArbitrary(), c =>
        {
            var schema = StructuralSchema.Parse(Schema(c.rule));
            var errors = schema.Validate(JsonNode.Parse(c.value)!.AsObject(), null);
            Assert.All(errors, e => Assert.NotEmpty(e.Message));
        }));
    }

    [Fact]
    public void Defaulting_and_pruning_settle_after_one_pass()
    {
        Check.QuickThrowOnFailure(Prop.ForAll(Value().ToArbitrary(), text =>
        {
            var once = JsonNode.Parse(text)!.AsObject();
            Widget.Prune(once);
            Widget.ApplyDefaults(once);
            var twice = once.DeepClone().AsObject();
            Widget.Prune(twice);
            Widget.ApplyDefaults(twice);
            Assert.True(JsonNode.DeepEquals(once, twice));
            Assert.Empty(Widget.FindUnknownFields(once));
        }));
    }

    [Fact]
    public void Deep_nesting_is_refused()
    {
        var deep = new string('(', 5000) + "true" + new string(')', 5000);
        Assert.Throws<CelSyntaxException>(() => CelParser.Parse(deep));
        Assert.Throws<CelSyntaxException>(() => CelParser.Parse(new string('!', 5000) + "true"));
        Assert.Throws<CelSyntaxException>(() => CelParser.Parse("a" + string.Concat(Enumerable.Repeat("[0]", 5000))));
        Assert.Throws<CelSyntaxException>(() => CelParser.Parse("1" + string.Concat(Enumerable.Repeat("+1", 8000))));
    }

    private static bool Compiles(string rule)
    {
        try
        {
            StructuralSchema.Parse(Schema(rule));
            return true;
        }
        catch (SchemaException)
        {
            return false;
        }
    }

    private static JsonObject Schema(string? rule)
    {
        var schema = JsonNode.Parse("""
            {"type":"object","properties":{"a":{"type":"integer","default":2},"t":{"type":"string"},"q":{"x-kubernetes-int-or-string":true},
             "l":{"type":"array","items":{"type":"integer"}},"o":{"type":"object","default":{},"properties":{"n":{"type":"integer","default":1}}}}}
            """)!.AsObject();
        if (rule is not null)
            schema["x-kubernetes-validations"] = new JsonArray(new JsonObject { ["rule"] = rule });
        return schema;
    }

    private static Gen<string> Expression(int depth)
    {
        var leaf = Gen.Elements("self.a == 1", "has(self.t)", "self.t == \"\"", "self.a / self.a > 0", "self.l.size() > 1", "true", "false",
            "quantity(string(self.q)).sign() > 0", "int(self.t) > 0", "self.l[self.a] == 0", "self.o.n % self.a == 0", "self.t.matches(self.t)");
        if (depth == 0)
            return leaf;
        var inner = Expression(depth - 1);
        return Gen.OneOf(
            leaf,
            from a in inner from b in inner from op in Gen.Elements("&&", "||", "==", "!=") select $"({a}) {op} ({b})",
            from a in inner from b in inner from c in inner select $"({a}) ? ({b}) : ({c})",
            from a in inner from m in Gen.Elements("all", "exists", "exists_one") select $"self.l.{m}(x, x > self.a || ({a}))",
            inner.Select(a => $"!({a})"));
    }

    private static Gen<string> Value() =>
        from a in Gen.Elements("", "\"a\":0", "\"a\":3", "\"a\":null", "\"a\":-9223372036854775808")
        from t in Gen.Elements("", "\"t\":\"\"", "\"t\":\"[\"", "\"t\":\"7\"", "\"z\":{\"y\":[1]}")
        from q in Gen.Elements("", "\"q\":\"1Gi\"", "\"q\":4", "\"q\":\"x\"")
        from l in Gen.Elements("", "\"l\":[]", "\"l\":[1,2,3]", "\"o\":{\"m\":1}", "\"o\":null")
        select "{" + string.Join(",", new[] { a, t, q, l }.Where(p => p.Length > 0)) + "}";
}
