using System.Formats.Tar;
using System.IO.Compression;
using System.Text;
using GpuStack.Modeling.Hubs;
using GpuStack.Modeling.Sources;

namespace GpuStack.Modeling.Tests.Hubs.Oci;

public sealed class OciRepositoryTests : IDisposable
{
    private const string Gguf = "application/vnd.docker.ai.gguf.v3";
    private static readonly byte[] Large = [.. Enumerable.Range(0, 3 << 20).Select(i => (byte)(i / 777))];
    private readonly HttpClient _client = new(HttpByteRangeSource.CreateHandler());

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _client.Dispose();

    [Theory]
    [InlineData("application/vnd.docker.ai.gguf.v3", null, "model.gguf")]
    [InlineData("application/vnd.ollama.image.model", null, "model.gguf")]
    [InlineData("application/vnd.cncf.model.weight.v1.gguf", null, "model.gguf")]
    [InlineData("application/vnd.cncf.model.weight.v1.raw", "m-Q4_K_M.gguf", "m-Q4_K_M.gguf")]
    [InlineData("application/octet-stream", "m-Q4_K_M.gguf", "m-Q4_K_M.gguf")]
    public async Task A_layer_that_is_a_file_is_read_by_ranges_of_its_blob(string mediaType, string? title, string expected)
    {
        await using FakeRegistry registry = await FakeRegistry.StartAsync();
        registry.Push("application/vnd.ollama.image.license", "text"u8.ToArray()).Push(mediaType, Large, title).Push("application/vnd.docker.ai.mmproj", [1]);
        await using OpenedModel model = await OpenAsync(registry);
        await using IByteRangeSource source = await model.OpenGgufAsync(Token);

        Assert.Equal(Large.Take(4), await BytesAsync(source, 0, 4));
        Assert.Equal((expected, registry.Digest, (long)Large.Length), (model.Gguf!.Path, model.Revision, model.Gguf.Size));
        Assert.Equal("mmproj.gguf", (await model.CatalogueAsync(Token)).ProjectorFor(model.Gguf)?.Path);
        Assert.All(registry.StorageRequests, request => Assert.Empty(request.Authorization));
        Assert.Equal("bytes=0-262143", registry.StorageRequests.Single().Range);
        Assert.Null(model.AddressOf(model.Gguf.Path));
    }

    [Theory]
    [InlineData("application/vnd.kitops.modelkit.model.v1.tar", false)]
    [InlineData("application/vnd.cncf.model.weight.v1.tar", false)]
    [InlineData("application/vnd.oci.image.layer.v1.tar+gzip", true)]
    [InlineData("application/vnd.docker.image.rootfs.diff.tar.gzip", true)]
    public async Task A_file_in_an_archive_is_found_by_its_headers(string mediaType, bool compressed)
    {
        string deep = $"models/{new string('d', 120)}/m-Q8_0.gguf";
        byte[] archive = Tar(("models/README.md", "readme"u8.ToArray()), (".config/config.json", "{}"u8.ToArray()), (deep, Large));
        await using FakeRegistry registry = await FakeRegistry.StartAsync();
        registry.Push(mediaType, compressed ? Gzip(archive) : archive);
        await using OpenedModel model = await OpenAsync(registry);
        await using IByteRangeSource source = await model.OpenGgufAsync(Token);

        Assert.Equal((deep, (long)Large.Length), (model.Gguf!.Path, source.Length));
        Assert.Equal(Large[..10], await BytesAsync(source, 0, 10));
        Assert.Equal(Large[2_000_000..2_000_010], await BytesAsync(source, 2_000_000, 10));
        Assert.Equal(Large[5..15], await BytesAsync(source, 5, 10));
        Assert.Equal(0, await source.ReadAsync(Large.Length, new byte[1], Token));
        await using IByteRangeSource? config = await model.OpenAsync(".config/config.json", Token);
        Assert.Equal("{}"u8.ToArray(), await BytesAsync(config!, 0, 2));
        Assert.Null(await model.OpenAsync("absent", Token));
        await Assert.ThrowsAsync<ByteRangeException>(async () => await model.OpenAsync("../absent", Token));
    }

    [Fact]
    public async Task A_path_chooses_among_the_files_of_an_image()
    {
        await using FakeRegistry registry = await FakeRegistry.StartAsync();
        registry.Push(Gguf, [1], "a/m-Q4_K_M.gguf").Push(Gguf, [2], "b/m-Q4_K_M.gguf");

        await using OpenedModel model = await OpenAsync(registry, file: "#b/m-Q4_K_M.gguf");
        await using IByteRangeSource source = await model.OpenGgufAsync(Token);

        Assert.Equal([2], await BytesAsync(source, 0, 1));
        await Assert.ThrowsAsync<ModelChoiceException>(() => OpenAsync(registry));
        await Assert.ThrowsAsync<ModelChoiceException>(() => OpenAsync(registry, file: "#c.gguf"));
    }

    [Fact]
    public async Task A_model_of_safetensors_is_a_folder()
    {
        await using FakeRegistry registry = await FakeRegistry.StartAsync();
        registry.Push("application/vnd.cncf.model.weight.v1.raw", Large, "model.safetensors").Push("application/vnd.cncf.model.weight.config.v1.raw", "{}"u8.ToArray(), "config.json");
        await using OpenedModel model = await OpenAsync(registry);
        await using IByteRangeSource? config = await model.OpenAsync("config.json", Token);

        Assert.Equal(ModelFormat.Safetensors, model.Format);
        Assert.Equal("{}"u8.ToArray(), await BytesAsync(config!, 0, 2));
    }

    [Fact]
    public async Task An_index_leads_to_the_image_and_a_digest_pins_it()
    {
        await using FakeRegistry registry = await FakeRegistry.StartAsync();
        registry.Push(Gguf, Large).PushIndex();
        await using OpenedModel byTag = await OpenAsync(registry);
        await using OpenedModel byDigest = await OpenAsync(registry, $"@{registry.Digest}");

        Assert.Equal((registry.Digest, registry.Digest), (byTag.Revision, byDigest.Revision));
        Assert.Equal(registry.Digest, await Opener().PinAsync(registry.Location(), Token));
    }

    [Fact]
    public async Task What_is_read_as_a_whole_is_compared_with_its_digest()
    {
        await using FakeRegistry registry = await FakeRegistry.StartAsync();
        registry.Push(Gguf, Large, "m.gguf").Push("application/vnd.cncf.model.weight.config.v1.raw", "{}"u8.ToArray(), "config.json");
        await using OpenedModel model = await OpenAsync(registry);
        registry.Forge("sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a", "[]"u8.ToArray());
        registry.Forge(registry.Digest, """{"layers":[]}"""u8.ToArray());

        var blob = await Assert.ThrowsAsync<ByteRangeException>(async () => await model.OpenAsync("config.json", Token));
        var manifest = await Assert.ThrowsAsync<ByteRangeException>(() => OpenAsync(registry, $"@{registry.Digest}"));

        Assert.Contains("another content than its digest says", blob.Message, StringComparison.Ordinal);
        Assert.Contains("another content than its digest says", manifest.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_token_that_expired_is_fetched_anew()
    {
        await using FakeRegistry registry = await FakeRegistry.StartAsync(new FakeRegistry { RequestsOfToken = 2 });
        registry.Push(Gguf, Large, "a-Q4_K_M.gguf").Push(Gguf, Large[1..], "b-Q8_0.gguf").Push(Gguf, Large[2..], "c-F16.gguf");
        await using OpenedModel model = await OpenAsync(registry);
        foreach (string path in (string[])["a-Q4_K_M.gguf", "b-Q8_0.gguf", "c-F16.gguf"])
        {
            await using IByteRangeSource? source = await model.OpenAsync(path, Token);
            Assert.Single(await BytesAsync(source!, 0, 1));
        }

        Assert.Equal(2, registry.Requests.Count(request => request.Path == "/token"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_login_opens_a_private_registry_and_its_absence_is_explained(bool basic)
    {
        string login = $"Basic {Convert.ToBase64String("me:s3cret"u8)}";
        await using FakeRegistry registry = await FakeRegistry.StartAsync(new FakeRegistry { Login = login, AsksForBasic = basic });
        registry.Push(Gguf, Large);
        RegistryLogin right = new() { Registry = registry.Name, User = "me", Secret = "s3cret" };

        await using OpenedModel model = await Opener(right).OpenAsync(registry.Location(), null, Token);
        Assert.Equal(ModelFormat.Gguf, model.Format);
        foreach (RegistryLogin[] logins in (RegistryLogin[][])[[], [right with { Secret = "wr0ng" }], [right with { Registry = "other.example.com" }]])
        {
            var exception = await Assert.ThrowsAsync<ByteRangeException>(() => Opener(logins).OpenAsync(registry.Location(), null, Token));

            Assert.Contains($"log in to {registry.Name}", exception.Message, StringComparison.Ordinal);
            Assert.DoesNotContain("wr0ng", exception.ToString(), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("""{"layers":5}""", "is no manifest")]
    [InlineData("""{"manifests":[]}""", "the index names no image")]
    [InlineData("no json", "no JSON")]
    [InlineData("""{"layers":[{"mediaType":"x.tar+zstd","digest":"sha256:0000000000000000000000000000000000000000000000000000000000000000","size":5}]}""", "push the model uncompressed")]
    [InlineData("""{"layers":[{"mediaType":"application/vnd.docker.ai.gguf.v3","digest":"sha256:../../x","size":5}]}""", "holds neither GGUF nor safetensors")]
    [InlineData("""{"layers":[{"mediaType":"x","digest":"sha256:0000000000000000000000000000000000000000000000000000000000000000","size":5,"annotations":{"org.cncf.model.filepath":"../m.gguf"}}]}""", "holds neither GGUF nor safetensors")]
    public async Task A_manifest_that_holds_no_model_is_refused(string manifest, string expected)
    {
        await using FakeRegistry registry = await FakeRegistry.StartAsync();
        registry.PushManifest(manifest);

        Assert.Contains(expected, (await Assert.ThrowsAsync<ByteRangeException>(() => OpenAsync(registry))).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("checksum", "is no tar archive")]
    [InlineData("size", "states a size that is no number")]
    [InlineData("huge", "states a size beyond any file")]
    [InlineData("extension", "has an extended header of 8589934591 bytes")]
    [InlineData("cut", "ends within an extended header")]
    [InlineData("entries", "holds more than 4096 entries")]
    public async Task A_hostile_archive_is_refused(string kind, string expected)
    {
        byte[] header = Ustar()[..512];
        header[257] = 0;
        switch (kind)
        {
            case "checksum":
                header[0]++;
                break;
            case "size":
                Encoding.ASCII.GetBytes("zzzzzzzzzzz").CopyTo(header, 124);
                break;
            case "huge":
                header.AsSpan(124, 12).Fill(0xff);
                break;
            case "extension":
                header[156] = (byte)'x';
                Encoding.ASCII.GetBytes("77777777777").CopyTo(header, 124);
                break;
            case "cut":
                header[156] = (byte)'L';
                break;
            default:
                Encoding.ASCII.GetBytes("00000000000").CopyTo(header, 124);
                break;
        }

        if (kind != "checksum")
        {
            Sign(header);
        }

        await using FakeRegistry registry = await FakeRegistry.StartAsync();
        registry.Push("x.tar", kind == "entries" ? [.. Enumerable.Repeat(header, 4200).SelectMany(bytes => bytes)] : header);

        Assert.Contains(expected, (await Assert.ThrowsAsync<ByteRangeException>(() => OpenAsync(registry))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_layer_that_is_no_gzip_is_refused()
    {
        await using FakeRegistry registry = await FakeRegistry.StartAsync();
        registry.Push("x.tar+gzip", "no gzip"u8.ToArray());

        Assert.Contains("no gzip", (await Assert.ThrowsAsync<ByteRangeException>(() => OpenAsync(registry))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_image_that_is_not_there_says_so()
    {
        await using FakeRegistry registry = await FakeRegistry.StartAsync();

        Assert.Contains("no such image (404)", (await Assert.ThrowsAsync<ByteRangeException>(() => OpenAsync(registry, ":absent"))).Message, StringComparison.Ordinal);
    }

    private static byte[] Tar(params (string Path, byte[] Content)[] files)
    {
        using var bytes = new MemoryStream();
        using (var writer = new TarWriter(bytes, TarEntryFormat.Pax, leaveOpen: true))
        {
            foreach ((string path, byte[] content) in files)
            {
                writer.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, $"./{path}") { DataStream = new MemoryStream(content) });
            }

            writer.WriteEntry(new PaxTarEntry(TarEntryType.SymbolicLink, "link.gguf") { LinkName = "elsewhere" });
        }

        return bytes.ToArray();
    }

    private static byte[] Ustar()
    {
        using var bytes = new MemoryStream();
        using (var writer = new TarWriter(bytes, TarEntryFormat.Ustar, leaveOpen: true))
        {
            writer.WriteEntry(new UstarTarEntry(TarEntryType.RegularFile, "m.gguf") { DataStream = new MemoryStream([1]) });
        }

        return bytes.ToArray();
    }

    private static void Sign(byte[] header)
    {
        header.AsSpan(148, 8).Fill((byte)' ');
        Encoding.ASCII.GetBytes(Convert.ToString(header.Sum(value => value), 8).PadLeft(6, '0') + "\0 ").CopyTo(header, 148);
    }

    private static byte[] Gzip(byte[] bytes)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            gzip.Write(bytes);
        }

        return packed.ToArray();
    }

    private static async Task<byte[]> BytesAsync(IByteRangeSource source, long offset, int count)
    {
        var bytes = new byte[count];
        int read = 0;
        while (read < count && await source.ReadAsync(offset + read, bytes.AsMemory(read), Token) is > 0 and int step)
        {
            read += step;
        }

        return bytes[..read];
    }

    private ModelOpener Opener(params RegistryLogin[] logins) => new(_client, new ModelHubSettings { RegistryLogins = [.. logins] }, new HttpByteRangeOptions { Attempts = 1 });

    private Task<OpenedModel> OpenAsync(FakeRegistry registry, string reference = ":latest", string file = "") =>
        Opener().OpenAsync(registry.Location(reference, file), null, Token);
}
