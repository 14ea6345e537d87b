using System.Text;
using FsCheck;
using FsCheck.Fluent;
using GpuStack.Entities.Fleets;
using GpuStack.Entities.Manifests;

namespace GpuStack.Entities.Tests.Manifests;

/// <summary>Whatever the text: a value, or a ManifestException of one line. Nothing else, and no end of the process.</summary>
public sealed class ReaderFuzzTests
{
    private static readonly string[] Fragments =
    [
        "apiVersion: inference.gpustack.io/v1alpha1\n", "kind: ModelDeployment\n", "metadata: {name: a}\n", "metadata:\n  name: a\n", "spec:\n",
        "  model:\n    huggingFace: {repository: a/b}\n", "  replicas: 1\n", "  replicas: -1\n", "  placement: {memory: {reservePerGpu: 1Gi}}\n",
        "apiVersion: simulator.gpustack.io/v1alpha1\n", "kind: Fleet\n", "  nodeGroups:\n  - {name: a, count: 2}\n", "  - {name: b, gpu: {vendor: nvidia, product: x}}\n",
        "kind: List\n", "items:\n- kind: Node\n  metadata: {name: n}\n", "- {kind: Pod, metadata: {name: p}}\n", "---\n", "...\n", "- ", "  ", "{", "}", "[", "]", ": ", ", ", "\"", "'", "|\n", ">\n",
        "&a ", "*a ", "*b", "!!str ", "!!int x", "!foo ", "<<: ", "? ", "%YAML 1.1\n", "\t", "#", "\u0000", "\uFEFF", "\uD800", "é", "~", "null", "1e999", "0x", "0777777777777777777777777", "-", "--", ".inf", "@", "`", "\r",
    ];

    [Fact]
    public void Read_TextOfYamlFragments_ThrowsNothingButManifestException() => Prop
        .ForAll(Gen.ListOf(Gen.Elements(Fragments)).Select(string.Concat).ToArbitrary(), text => IsReadOrRefused(text))
        .Check(Config.QuickThrowOnFailure.WithMaxTest(1500).WithEndSize(40));

    [Fact]
    public void Read_DamagedManifest_ThrowsNothingButManifestException()
    {
        var manifest = CaseFiles.Read("deployments", "every-field.yaml");
        var damage =
            from position in Gen.Choose(0, manifest.Length - 1)
            from length in Gen.Choose(0, 20)
            from fragment in Gen.Elements(Fragments)
            select new StringBuilder(manifest).Remove(position, Math.Min(length, manifest.Length - position)).Insert(position, fragment).ToString();
        Prop.ForAll(damage.ToArbitrary(), text => IsReadOrRefused(text)).Check(Config.QuickThrowOnFailure.WithMaxTest(500));
    }

    [Theory]
    [InlineData("[", 1 << 19)]
    [InlineData("{a: ", 1 << 18)]
    [InlineData("- ", 1 << 18)]
    [InlineData("[[{a: ", 1 << 17)]
    public void Read_DeeplyNestedText_IsRefused(string opening, int times)
    {
        var text = new StringBuilder().Insert(0, opening, times).ToString();

        Assert.Throws<ManifestException>(() => ModelDeploymentReader.Read(text, "deep.yaml"));
    }

    [Fact]
    public void Read_MultiplyingAliases_IsRefusedByItsNumberOfValues()
    {
        var text = new StringBuilder("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
        for (var i = 1; i < 12; i++)
            text.Append(System.Globalization.CultureInfo.InvariantCulture, $"a{i}: &a{i} [*a{i - 1}, *a{i - 1}, *a{i - 1}, *a{i - 1}, *a{i - 1}, *a{i - 1}, *a{i - 1}, *a{i - 1}, *a{i - 1}]\n");

        var exception = Assert.Throws<ManifestException>(() => ModelDeploymentReader.Read(text.ToString(), "bomb.yaml"));
        Assert.Contains("more than 100000 values", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_MoreThanOneMebibyte_IsRefusedBeforeItIsParsed()
    {
        var exception = Assert.Throws<ManifestException>(() => ModelDeploymentReader.Read(new string('#', (1 << 20) + 1), "big.yaml"));

        Assert.StartsWith("big.yaml: the file has 1048577 characters", exception.Message, StringComparison.Ordinal);
    }

    private static bool IsReadOrRefused(string text)
    {
        Action[] readers =
        [
            () => ModelDeploymentReader.Read(text, "fuzz.yaml"),
            () => FleetFile.Read(text, "fuzz.yaml"),
            () => ClusterSnapshot.Read(text, "fuzz.yaml"),
        ];
        foreach (var read in readers)
        {
            try
            {
                read();
            }
            catch (ManifestException exception)
            {
                if (exception.Message.Contains('\n', StringComparison.Ordinal) || !exception.Message.EndsWith('.')) return false;
            }
        }
        return true;
    }
}
