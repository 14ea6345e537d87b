using FsCheck;
using FsCheck.Fluent;
using GpuStack.Operator.Commands;

namespace GpuStack.Operator.Tests.Commands.Completion;

public sealed class WordCompletionTests
{
    private static readonly string Fleet = Path.Combine(Inputs.Root, "samples", "cases", "six-gpus", "fleet.yaml");

    [Theory]
    [InlineData("pl", "plan", ":4")]
    [InlineData("", "run demo plan estimate fetch supervise probe generate completion", ":4")]
    [InlineData("completion ", "bash zsh fish powershell kubectl", ":4")]
    [InlineData("generate c", "crd", ":4")]
    [InlineData("--v", "--version", ":4")]
    [InlineData("estimate --engine ", "LlamaCpp SGLang VLLM", ":4")]
    [InlineData("estimate --engine=", "LlamaCpp SGLang VLLM", ":4")]
    [InlineData("estimate m.gguf --engine=V", "VLLM", ":4")]
    [InlineData("estimate --flash-attention o", "off on", ":4")]
    [InlineData("plan --output ", "json tree", ":4")]
    [InlineData("plan --filename=d.yaml --outp", "--output", ":4")]
    [InlineData("plan -f d.yaml --file", "", ":4")]
    [InlineData("plan -f ", "", ":0")]
    [InlineData("plan --nodes=", "", ":0")]
    [InlineData("generate crd --out ", "", ":0")]
    [InlineData("estimate ", "", ":0")]
    [InlineData("estimate m.gguf --draft ", "", ":0")]
    [InlineData("estimate --context ", "", ":4")]
    [InlineData("estimate --kv-unified --swa", "--swa-full", ":4")]
    [InlineData("supervise --role Worker -- ", "", ":0")]
    [InlineData("plan --unknown ", "--filename --nodes --model --gpu-products --output --explain --help", ":4")]
    public async Task Words_that_may_stand_next_are_offered(string line, string words, string rule)
    {
        string[] answer = await CompleteAsync(line.Split(' '));

        Assert.Equal(rule, answer[^1]);
        Assert.Equal(words.Split(' ', StringSplitOptions.RemoveEmptyEntries), answer[..^1].Select(candidate => candidate.Split('\t')[0]));
    }

    [Fact]
    public async Task Nodes_of_the_file_that_was_given_are_offered()
    {
        Assert.Equal(["desktop-3", ":4"], await CompleteAsync("plan", "--nodes", Fleet, "--explain", "desktop-3"));
        Assert.Equal(7, (await CompleteAsync("plan", "--nodes", Fleet, "--explain", "desktop-0", "--explain", "")).Length);
    }

    [Theory]
    [InlineData("/nowhere")]
    [InlineData("/")]
    [InlineData("")]
    [InlineData("-")]
    public async Task Nodes_of_a_file_that_is_none_are_nobodys_error(string file) =>
        Assert.Equal([":4"], await CompleteAsync("plan", "--nodes", file, "--explain", ""));

    [Fact]
    public async Task A_word_is_told_with_what_it_means()
    {
        string[] answer = await CompleteAsync("plan", "--exp");

        Assert.StartsWith("--explain\tSays of this node why it was chosen", answer[0], StringComparison.Ordinal);
    }

    /// <summary>A shell asks while a person types: whatever stands there, there is an answer, each word goes on from what was typed, and the last line is the rule.</summary>
    [Fact]
    public void Any_line_has_an_answer()
    {
        Gen<string> word = Gen.OneOf(
            Gen.Elements("plan", "estimate", "run", "--", "-", "--output", "--output=", "--engine", "-f", "--nodes", Fleet, "--explain", "", "=", "generate", "crd", "[suggest]", "@x", "--help", "-h"),
            ArbMap.Default.GeneratorFor<NonNull<string>>().Select(text => text.Get));
        Prop.ForAll(word.ArrayOf().Where(words => words.Length < 8).ToArbitrary(), words =>
        {
            string[] answer = CompleteAsync(words).GetAwaiter().GetResult();
            string typed = words.Length == 0 ? "" : words[^1];
            string value = typed.StartsWith('-') ? typed[(typed.IndexOf('=', StringComparison.Ordinal) + 1)..] : typed;
            return answer[^1] is ":0" or ":4"
                && answer[..^1].All(candidate => candidate.Split('\t')[0] is { Length: > 0 } offered && (offered.StartsWith(typed, StringComparison.Ordinal) || offered.StartsWith(value, StringComparison.Ordinal)));
        }).QuickCheckThrowOnFailure();
    }

    [Theory]
    [InlineData("gpustack-operator", "gpustack-operator")]
    [InlineData("/usr/local/bin/kubectl-gpustack", "kubectl-gpustack")]
    public async Task Scripts_are_for_the_name_that_the_program_is_called_by(string file, string name)
    {
        foreach (string shell in (string[])["bash", "zsh", "fish", "powershell"])
        {
            string script = await PrintAsync(file, "completion", shell);
            Assert.Contains($"{name} completion {shell}", script, StringComparison.Ordinal);
            Assert.Contains("__complete", script, StringComparison.Ordinal);
            Assert.Equal(name == "gpustack-operator", script.Contains("gpustack-operator", StringComparison.Ordinal));
        }

        Assert.Contains("exec kubectl-gpustack __complete \"$@\"", await PrintAsync(file, "completion", "kubectl"), StringComparison.Ordinal);
    }

    private static async Task<string[]> CompleteAsync(params string[] words)
    {
        string printed = await PrintAsync("gpustack-operator", ["__complete", .. words]);
        Assert.EndsWith("\n", printed, StringComparison.Ordinal);
        return printed[..^1].Split('\n');
    }

    private static async Task<string> PrintAsync(string file, params string[] arguments)
    {
        using StringWriter output = new();
        using StringWriter error = new();
        Assert.Equal(0, await GpuStackProgram.RunAsync(arguments, file, output, error));
        Assert.Equal("", error.ToString());
        return output.ToString();
    }
}
