using System.Globalization;
using GpuStack.Modeling.Gguf;
using GpuStack.Modeling.LlamaCpp;
using GpuStack.Modeling.Sources;

namespace GpuStack.Modeling.Tests.Gguf;

public class GgufFilesTests
{
    private static readonly string Cases = Path.Combine(AppContext.BaseDirectory, "cases", "gguf-split");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_parts_of_a_model_are_joined_in_order()
    {
        FilesInMemory files = new SplitModel(7).Write();

        GgufHeader header = await files.ReadAsync(SplitModel.Name(0, 7));

        Assert.Equal(7, header.Parts.Length);
        Assert.Equal("llama", header.Metadata.Text("general.architecture"));
        Assert.Equal(
            Enumerable.Range(0, 14).Select(i => string.Create(CultureInfo.InvariantCulture, $"blk.{i / 2}.{i % 2}.weight")),
            header.Tensors.Select(tensor => tensor.Name));
        Assert.Equal(Enumerable.Range(0, 7).Sum(part => (long)files[SplitModel.Name(part, 7)].Length), header.FileSize);
        Assert.Equal(0, files.Open);
    }

    /// <summary>
    /// Files that llama-gguf-split wrote of a model of two blocks: <c>--split-max-tensors 8</c>, and
    /// <c>--split-max-tensors 16 --no-tensor-first-split</c>, whose first file holds metadata only.
    /// </summary>
    [Theory]
    [InlineData("tiny-00001-of-00003.gguf", 17_376)]
    [InlineData("empty-first-00001-of-00003.gguf", 17_408)]
    public async Task Files_of_llama_gguf_split_are_read_and_estimated(string file, long bytes)
    {
        GgufHeader header = await GgufFiles.ReadAsync(
            file, (name, _) => ValueTask.FromResult<IByteRangeSource?>(FileByteRangeSource.Open(Path.Combine(Cases, name))), cancellationToken: Token);
        LlamaCppModel model = LlamaCppModel.FromGguf(header);

        Assert.Equal(bytes, header.FileSize);
        Assert.Equal(21, header.Tensors.Length);
        Assert.Equal((2, 16, "Split Sample"), (model.BlockCount, model.VocabularySize, model.Name));
        Assert.All(model.LayerWeights, weights => Assert.True(weights > 0));
    }

    [Fact]
    public async Task A_model_in_one_file_needs_no_special_name()
    {
        var writer = new GgufWriter();
        writer.Add("split.count", (ushort)1);
        writer.AddTensor("a", GgmlType.F32, 8);
        var files = new FilesInMemory { ["anything"] = writer.ToHeader() };

        GgufHeader header = await files.ReadAsync("anything");

        Assert.Empty(header.Parts);
        Assert.Equal(header.DataOffset + 32, header.FileSize);
    }

    [Fact]
    public async Task A_later_part_is_answered_with_the_file_to_name()
    {
        FilesInMemory files = new SplitModel(3).Write();
        files["renamed.gguf"] = files[SplitModel.Name(1, 3)];

        Assert.Equal(
            "tiny-00002-of-00003.gguf: is part 2 of the 3 that the model is split into; name the first one, tiny-00001-of-00003.gguf.",
            await RefusalAsync(files, SplitModel.Name(1, 3)));
        Assert.EndsWith("name the first one, which ends in -00001-of-00003.gguf.", await RefusalAsync(files, "renamed.gguf"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("model.gguf")]
    [InlineData("tiny-00002-of-00003.gguf")]
    [InlineData("tiny-00001-of-00002.gguf")]
    [InlineData("tiny-00001-of-00003.GGUF")]
    [InlineData("tiny-1-of-3.gguf")]
    public async Task The_first_part_under_another_name_is_refused(string name)
    {
        FilesInMemory files = new SplitModel(3).Write();
        files[name] = files[SplitModel.Name(0, 3)];

        Assert.EndsWith(
            "is not named so; give it back the name that ends in -00001-of-00003.gguf, by which the other files are found.",
            await RefusalAsync(files, name), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_part_that_is_missing_is_named()
    {
        FilesInMemory files = new SplitModel(3).Write();
        files.Remove(SplitModel.Name(2, 3));

        var exception = await Assert.ThrowsAsync<ByteRangeException>(() => files.ReadAsync(SplitModel.Name(0, 3)));

        Assert.Equal(
            "tiny-00003-of-00003.gguf: there is no such file; check the name (part 3 of 3 of the model, all of which are needed).", exception.Message);
        Assert.Equal(0, files.Open);
    }

    [Fact]
    public async Task A_model_that_is_missing_is_named()
    {
        var exception = await Assert.ThrowsAsync<ByteRangeException>(() => new FilesInMemory().ReadAsync("no.gguf"));

        Assert.Equal("no.gguf: there is no such file; check the name.", exception.Message);
    }

    [Fact]
    public async Task Parts_that_do_not_belong_together_are_refused()
    {
        await RefusesAsync(new SplitModel(3) { States = part => (part == 0 ? null : part, 3, 6) }, "has no split.no, where 0 to 2 is expected");
        await RefusesAsync(new SplitModel(3) { States = _ => (5, 3, 6) }, "has split.no 5, where 0 to 2 is expected");
        await RefusesAsync(new SplitModel(3) { States = part => (part == 2 ? 1 : part, 3, 6) }, "tiny-00003-of-00003.gguf: has split.no 1, where its name stands for 2");
        await RefusesAsync(new SplitModel(3) { States = part => (part == 1 ? null : part, 3, 6) }, "tiny-00002-of-00003.gguf: has no split.no");
        await RefusesAsync(new SplitModel(3) { States = part => (part, part == 1 ? 4 : 3, 6) }, "has split.count 4, where the first file has 3");
        await RefusesAsync(new SplitModel(3) { States = part => (part, 3, 7) }, "has split.tensors.count 7, but the 3 files of the model have 6 tensors");
        await RefusesAsync(new SplitModel(3) { States = part => (part, 3, null) }, "has no split.tensors.count");
        await RefusesAsync(new SplitModel(3) { TensorName = (part, tensor) => part < 2 ? $"t{part}{tensor}" : "t01" }, "has the tensor 't01' ");
        await RefusesAsync(new SplitModel(3) { TensorName = (part, tensor) => $"t{tensor}" }, "that another file of the model has too");
        await RefusesAsync(new SplitModel(3) { BigEndian = part => part == 2 }, "has another byte order");
    }

    [Fact]
    public async Task A_part_that_is_cut_off_is_refused()
    {
        FilesInMemory files = new SplitModel(2).Write();
        files[SplitModel.Name(1, 2)] = files[SplitModel.Name(1, 2)][..^100];

        Assert.StartsWith("tiny-00002-of-00002.gguf: is ", await RefusalAsync(files, SplitModel.Name(0, 2)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Bounds_hold_for_all_parts_together()
    {
        FilesInMemory files = new SplitModel(10).Write();
        string first = SplitModel.Name(0, 10);

        Assert.Contains("is split into 10 files, more than the 9 allowed", await RefusalAsync(files, first, new GgufLimits { Parts = 9 }), StringComparison.Ordinal);
        Assert.Contains("more than the 19 allowed", await RefusalAsync(files, first, new GgufLimits { Tensors = 19 }), StringComparison.Ordinal);
        Assert.Contains("names and values", await RefusalAsync(files, first, new GgufLimits { KeptBytes = 7000 }), StringComparison.Ordinal);
        Assert.Contains("the headers of the split model", await RefusalAsync(files, first, new GgufLimits { HeaderBytes = 1500 }), StringComparison.Ordinal);
        Assert.Equal(20, (await files.ReadAsync(first, new GgufLimits { Parts = 10, Tensors = 20, KeptBytes = 20_000 })).Tensors.Length);
    }

    [Fact]
    public async Task Sizes_that_overflow_together_are_refused()
    {
        var files = new FilesInMemory();
        for (int part = 0; part < 2; part++)
        {
            files[SplitModel.Name(part, 2)] = RawHeader.Start(1, 3)
                .String("split.no").U32(4).U32((uint)part)
                .String("split.count").U32(4).U32(2)
                .String("split.tensors.count").U32(4).U32(2)
                .Tensor($"t{part}", [1UL << 62], 24, 0).ToArray();
        }

        Assert.Contains("beyond 2^63 bytes", await RefusalAsync(files, SplitModel.Name(0, 2)), StringComparison.Ordinal);
    }

    [Fact(Timeout = 60_000)]
    public async Task Four_parts_are_read_at_a_time()
    {
        string first = SplitModel.Name(0, 20);
        var four = new TaskCompletionSource();
        FilesInMemory files = new SplitModel(20).Write();
        files.Waits = name =>
        {
            if (files.Open == 4)
            {
                four.TrySetResult();
            }

            return name == first ? Task.CompletedTask : four.Task;
        };

        await files.ReadAsync(first);

        Assert.Equal((4, 0), (files.MostOpen, files.Open));
    }

    [Theory]
    [InlineData("a-00001-of-00003.gguf", "a", 0, 3)]
    [InlineData("folder/a-b-00012-of-99999.gguf", "folder/a-b", 11, 99_999)]
    [InlineData("-00001-of-00001.gguf", "", 0, 1)]
    public void Names_of_parts_are_understood(string text, string prefix, int index, int count)
    {
        GgufSplitName? name = GgufSplitName.Parse(text);

        Assert.Equal(new GgufSplitName(prefix, index, count), name);
        Assert.Equal(text, name!.ToString());
    }

    [Theory]
    [InlineData("a.gguf")]
    [InlineData("a-00000-of-00003.gguf")]
    [InlineData("a-00004-of-00003.gguf")]
    [InlineData("a-0001-of-0003.gguf")]
    [InlineData("a-00001-of-00003.safetensors")]
    [InlineData("a_00001-of-00003.gguf")]
    [InlineData("a-00001-or-00003.gguf")]
    [InlineData("a-+0001-of-00003.gguf")]
    public void Other_names_are_not(string text) => Assert.Null(GgufSplitName.Parse(text));

    private static async Task RefusesAsync(SplitModel model, string expected) =>
        Assert.Contains(expected, await RefusalAsync(model.Write(), SplitModel.Name(0, 3)), StringComparison.Ordinal);

    private static async Task<string> RefusalAsync(FilesInMemory files, string name, GgufLimits? limits = null)
    {
        var exception = await Assert.ThrowsAsync<GgufFormatException>(() => files.ReadAsync(name, limits));
        Assert.Equal(0, files.Open);
        Assert.DoesNotContain("\n", exception.Message, StringComparison.Ordinal);
        return exception.Message;
    }
}
