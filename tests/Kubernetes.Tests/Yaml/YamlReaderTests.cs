using GpuStack.Kubernetes.Yaml;

namespace GpuStack.Kubernetes.Tests.Yaml;

public class YamlReaderTests
{
    [Theory]
    [InlineData("a: 1", """{"a":1}""")]
    [InlineData("a: \"1\"", """{"a":"1"}""")]
    [InlineData("a: 0.9", """{"a":0.9}""")]
    [InlineData("a: '0.9'", """{"a":"0.9"}""")]
    [InlineData("a: 1Gi", """{"a":"1Gi"}""")]
    [InlineData("a: 0755", """{"a":493}""")]
    [InlineData("a: 0x10", """{"a":16}""")]
    [InlineData("a: yes", """{"a":true}""")]
    [InlineData("a: !!str yes", """{"a":"yes"}""")]
    [InlineData("a: ~", """{"a":null}""")]
    [InlineData("a:", """{"a":null}""")]
    [InlineData("a: 2026-11-22T00:00:00Z", """{"a":"2026-11-22T00:00:00Z"}""")]
    [InlineData("a: 1e3", """{"a":1000}""")]
    [InlineData("a: [1, {b: x}]", """{"a":[1,{"b":"x"}]}""")]
    [InlineData("a: &x {b: 1}\nc: *x", """{"a":{"b":1},"c":{"b":1}}""")]
    [InlineData("a: |\n  l1\n  l2\n", """{"a":"l1\nl2\n"}""")]
    [InlineData("""{"a": 1}""", """{"a":1}""")]
    public void Read_IsWhatKubectlMakesOfIt(string yaml, string json) => Assert.Equal(json, YamlReader.Read(yaml, "f")!.ToJsonString());

    [Fact]
    public void ReadDocuments_SkipsEmptyOnes() => Assert.Equal(2, YamlReader.ReadDocuments("---\na: 1\n---\n---\nb: 2\n", "f", YamlLimits.Manifest).Count);

    [Theory]
    [InlineData("a: [", "f:")]
    [InlineData("a: 1\na: 2", "f:2: ")]
    [InlineData("a: 1\n---\nb: 1", "f: the file holds 2 documents")]
    [InlineData("{\"a\": ", "f:")]
    [InlineData("{\"a\": 1, \"a\": 2}", "f:1: the key 'a' stands twice")]
    [InlineData("k: [\na: b", "f:")]
    [InlineData("a: *nowhere", "*nowhere names no anchor")]
    [InlineData("a: &x [*x]", "*x names no anchor")]
    [InlineData("<<: {a: 1}", "merge keys")]
    [InlineData("a: .nan", "no number")]
    public void Read_OfSomethingElse_NamesFileAndLine(string yaml, string expected) =>
        Assert.Contains(expected, Assert.Throws<YamlFormatException>(() => YamlReader.Read(yaml, "f")).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("{\"a\": \"\\ud800\"}")]
    [InlineData("{\"a\": \"\ud800\"}")]
    public void Read_OfHalfASurrogatePair_IsTextOrRefused(string json)
    {
        var text = Record.Exception(() => Assert.IsType<string>(YamlReader.Read(json, "f")!["a"]!.GetValue<string>()));

        Assert.True(text is null or YamlFormatException, $"{text}");
    }

    [Theory]
    [InlineData("[", "]")]
    [InlineData("{\"a\":", "}")]
    [InlineData("- ", "")]
    public void Read_OfDeepNesting_IsRefused_NotAStackOverflow(string open, string close) => Assert.Contains(
        "nested deeper than 64",
        Assert.Throws<YamlFormatException>(() => YamlReader.Read(string.Concat(Enumerable.Repeat(open, 5000)) + "1" + string.Concat(Enumerable.Repeat(close, 5000)), "f")).Message,
        StringComparison.Ordinal);

    [Fact]
    public void Read_OfNestingByAliases_IsRefused() => Assert.Contains(
        "nested deeper",
        Assert.Throws<YamlFormatException>(() => YamlReader.Read("a0: &a0 [1]\n" + string.Concat(Enumerable.Range(1, 300).Select(i => $"a{i}: &a{i} [*a{i - 1}]\n")), "f")).Message,
        StringComparison.Ordinal);

    [Fact]
    public void Read_OfAnAliasBomb_IsRefused()
    {
        var text = "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n" + string.Concat(Enumerable.Range(1, 12).Select(
            i => $"a{i}: &a{i} [{string.Join(',', Enumerable.Repeat($"*a{i - 1}", 10))}]\n"));

        Assert.Throws<YamlFormatException>(() => YamlReader.Read(text, "f"));
    }
}
