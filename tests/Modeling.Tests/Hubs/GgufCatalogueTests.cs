using FsCheck;
using FsCheck.Fluent;
using GpuStack.Modeling.Hubs;

namespace GpuStack.Modeling.Tests.Hubs;

public class GgufCatalogueTests
{
    private static readonly string[] Repository =
    [
        "README.md",
        "Qwen3-8B-Q4_K_M.gguf",
        "Qwen3-8B-Q4_K_S.gguf",
        "Qwen3-8B-IQ4_XS.gguf",
        "Qwen3-8B-UD-Q4_K_XL.gguf",
        "Qwen3-8B-Q8_0.gguf",
        "Qwen3-8B-BF16/Qwen3-8B-BF16-00002-of-00002.gguf",
        "Qwen3-8B-BF16/Qwen3-8B-BF16-00001-of-00002.gguf",
        "mmproj-Qwen3-8B-F16.gguf",
        "imatrix_unsloth.gguf",
        "mtp-Qwen3-8B.gguf",
    ];

    [Theory]
    [InlineData(null, null, "Qwen3-8B-Q4_K_M.gguf")]
    [InlineData(null, "q8_0", "Qwen3-8B-Q8_0.gguf")]
    [InlineData(null, "Q4_K_XL", "Qwen3-8B-UD-Q4_K_XL.gguf")]
    [InlineData(null, "ud-q4_k_xl", "Qwen3-8B-UD-Q4_K_XL.gguf")]
    [InlineData(null, "BF16", "Qwen3-8B-BF16/Qwen3-8B-BF16-00001-of-00002.gguf")]
    [InlineData("*Q4_K_S*", null, "Qwen3-8B-Q4_K_S.gguf")]
    [InlineData("*q4_k_?.gguf", null, "Qwen3-8B-Q4_K_M.gguf")]
    [InlineData("*-bf16-*.gguf", null, "Qwen3-8B-BF16/Qwen3-8B-BF16-00001-of-00002.gguf")]
    [InlineData("*/*.gguf", null, "Qwen3-8B-BF16/Qwen3-8B-BF16-00001-of-00002.gguf")]
    [InlineData("Qwen3-8B-BF16", null, "Qwen3-8B-BF16/Qwen3-8B-BF16-00001-of-00002.gguf")]
    [InlineData("Qwen3-8B-BF16/Qwen3-8B-BF16-00002-of-00002.gguf", null, "Qwen3-8B-BF16/Qwen3-8B-BF16-00001-of-00002.gguf")]
    [InlineData("qwen3-8b-q8_0.GGUF", null, "Qwen3-8B-Q8_0.gguf")]
    [InlineData("*Q*", "IQ4_XS", "Qwen3-8B-IQ4_XS.gguf")]
    public void A_model_is_chosen_as_its_users_name_it(string? file, string? quantization, string expected) =>
        Assert.Equal(expected, Catalogue(Repository).Choose(file, quantization).Path);

    [Theory]
    [InlineData(null, "Q2_K", "there is no quantization 'Q2_K'; name one of: ")]
    [InlineData(null, "Q4", "there is no quantization 'Q4'")]
    [InlineData("*Q2*", null, "no GGUF model is named '*Q2*'; name one of: ")]
    [InlineData("mmproj-Qwen3-8B-F16.gguf", null, "no GGUF model is named")]
    public void What_is_not_there_is_answered_with_what_is(string? file, string? quantization, string expected)
    {
        var exception = Assert.Throws<ModelChoiceException>(() => Catalogue(Repository).Choose(file, quantization));

        Assert.StartsWith(expected, exception.Message, StringComparison.Ordinal);
        Assert.Contains("Qwen3-8B-Q4_K_S.gguf", exception.Choices);
        Assert.Contains("Qwen3-8B-Q4_K_S.gguf", exception.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("mmproj-Qwen3-8B-F16.gguf", exception.Choices);
    }

    [Fact]
    public void Two_models_of_one_quantization_are_not_guessed_between()
    {
        GgufCatalogue catalogue = Catalogue("small-Q4_K_M.gguf", "large-Q4_K_M.gguf", "large-Q8_0.gguf");

        var exception = Assert.Throws<ModelChoiceException>(() => catalogue.Choose(null, null));

        Assert.Equal("several models are Q4_K_M; name one of: large-Q4_K_M.gguf, small-Q4_K_M.gguf.", exception.Message);
        Assert.Equal("large-Q8_0.gguf", catalogue.Choose(null, "Q8_0").Path);
        Assert.Equal("large-Q8_0.gguf", catalogue.Choose("large-*", "Q8_0").Path);
    }

    [Theory]
    [InlineData("Q8_0", "a-Q8_0.gguf", "a-Q6_K.gguf")]
    [InlineData("Q2_K", "a-Q6_K.gguf", "a-Q2_K.gguf")]
    public void Without_the_usual_quantization_llama_cpps_order_decides(string expected, params string[] files) =>
        Assert.Equal(expected, Catalogue(files).Choose(null, null).Quantization);

    [Fact]
    public void A_split_model_is_one_choice_with_the_sum_of_its_parts()
    {
        GgufVariant variant = GgufCatalogue.Of([new("m-00002-of-00002.gguf", 5), new("m-00001-of-00002.gguf", 7)]).Choose(null, null);

        Assert.Equal(["m-00001-of-00002.gguf", "m-00002-of-00002.gguf"], variant.Files.Select(file => file.Path));
        Assert.Equal(12, variant.Size);
        Assert.Null(GgufCatalogue.Of([new("m.gguf", null)]).Choose(null, null).Size);
    }

    [Fact]
    public void A_split_model_without_all_its_parts_is_refused()
    {
        var exception = Assert.Throws<ModelChoiceException>(() => Catalogue("m-Q8_0-00001-of-00003.gguf", "m-Q8_0-00003-of-00003.gguf").Choose(null, null));

        Assert.Contains("one of 3 parts, and only 2 of them", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_repository_without_gguf_says_so() =>
        Assert.Contains("no GGUF model", Assert.Throws<ModelChoiceException>(() => Catalogue("model.safetensors").Choose(null, null)).Message, StringComparison.Ordinal);

    [Fact]
    public void A_long_list_of_choices_is_cut()
    {
        GgufCatalogue catalogue = Catalogue([.. Enumerable.Range(0, 500).Select(i => $"model-{i:000}-Q4_K_M.gguf")]);

        var exception = Assert.Throws<ModelChoiceException>(() => catalogue.Choose(null, null));

        Assert.EndsWith("model-019-Q4_K_M.gguf and 480 more.", exception.Message, StringComparison.Ordinal);
        Assert.Equal(500, exception.Choices.Length);
    }

    [Fact]
    public void Projectors_and_companions_are_told_apart_from_models()
    {
        GgufCatalogue catalogue = Catalogue(Repository);

        Assert.Equal(["mmproj-Qwen3-8B-F16.gguf"], catalogue.Projectors.Select(file => file.Path));
        Assert.Equal(["imatrix_unsloth.gguf", "mtp-Qwen3-8B.gguf"], catalogue.Companions.Select(file => file.Path));
        Assert.Equal(6, catalogue.Variants.Length);
    }

    [Theory]
    [InlineData("m-Q8_0.gguf", "mmproj-Q8_0.gguf")]
    [InlineData("m-F16.gguf", "mmproj-F16.gguf")]
    [InlineData("sub/m-Q4_K_M.gguf", "sub/mmproj-F32.gguf")]
    public void A_projector_is_the_nearest_in_folder_and_quantization(string model, string expected)
    {
        GgufCatalogue catalogue = Catalogue("m-Q8_0.gguf", "m-F16.gguf", "sub/m-Q4_K_M.gguf", "mmproj-F16.gguf", "mmproj-Q8_0.gguf", "sub/mmproj-F32.gguf", "other/mmproj-Q8_0.gguf");

        Assert.Equal(expected, catalogue.ProjectorFor(catalogue.Choose(model, null))?.Path);
    }

    [Fact]
    public void A_model_without_projectors_has_none() => Assert.Null(Catalogue("m-Q8_0.gguf") is var catalogue ? catalogue.ProjectorFor(catalogue.Variants[0]) : null);

    [Fact]
    public void Every_model_file_is_in_exactly_one_variant_whatever_the_names()
    {
        Gen<string> name = Gen.Elements("a", "b-Q4_K_M", "UD-Q2_K", "x/y-F16", "mmproj", "imatrix", "m-00001-of-00002", "m-00002-of-00002", "-of-", "n-99999-of-00001", "q4_k_m.")
            .Select(stem => $"{stem}.gguf");
        Prop.ForAll(Gen.ListOf(name).Select(names => names.Distinct(StringComparer.Ordinal).ToArray()).ToArbitrary(), names =>
        {
            GgufCatalogue catalogue = Catalogue(names);
            string[] all =
            [
                .. catalogue.Variants.SelectMany(variant => variant.Files).Concat(catalogue.Projectors).Concat(catalogue.Companions).Select(file => file.Path),
            ];
            return all.Order(StringComparer.Ordinal).SequenceEqual(names.Order(StringComparer.Ordinal));
        }).QuickCheckThrowOnFailure();
    }

    private static GgufCatalogue Catalogue(params string[] files) => GgufCatalogue.Of(files.Select(file => new RepositoryFile(file, 1)));
}
