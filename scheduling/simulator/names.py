"""Invented names, mixed at random; any likeness to a person is chance. Some hold accents and apostrophes."""


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


FAMILIES = _words("""
    Abernathy Aldana Almquist Arroyo Ashdown Baptiste Barlowe Bellweather Benavides Birchwood Boateng Brandvold
    Briarley Caldera Carrowmore Castellan Chaudhry Colquitt Copperfield Cordero Dahlgren Delacroix Demirel Dovetail
    Drummond Eastwick Echeverria Ellingboe Espinoza Fairweather Farrokh Fenwick Fitzwarren Galbraith Garnet Gebre
    Goldsworth Greenhalgh Guerrero Hallorann Hathersage Hawthorne Hollowell Ibarra Idowu Inglewood Jankowski Jarrow
    Juarez Kaminska Kettleman Kingsbury Kowalczyk Lachance Lindqvist Lockridge Lonsdale Maddox Mandeville Marchetti
    Mbeki Merriweather Montoya Nakagawa Netherby Nguyen Norwood Núñez O'Malley Oduya Okafor Olmstead Oyelaran
    Pennington Pettigrew Pham Pickering Quesada Quillfeather Ramsbottom Ravenscroft Redfern Reyna Rosenthal Rutherford
    Sandoval Schönfeld Seabright Silverlake Solberg Stonebridge Sutherby Tanaka Thistlewood Tran Trevelyan Uchida
    Underhill Valdivia Vasquez Vennard Villanueva Waverly Weatherby Whitlock Winterbourne Wolcott Xiong Yarborough
    Yilmaz Zamora Zielinski Zubiri
""")
GIVEN_F = _words("""
    Ada Amara Beatriz Bronwyn Camila Celeste Dalia Delphine Edith Elena Esperanza Fatima Fiona Giselle Greta Harriet
    Hoa Imani Ingrid Isolde Jacinta Josefina Kalinda Keiko Lan Leonora Lucía Mabel Marisol Minh Nadia Noemi Odette
    Ottilie Paloma Philippa Rosalind Rukmini Sabine Soledad Tamsin Thuy Ursula Valentina Winifred Ximena Yasmin Zelda
""")
GIVEN_M = _words("""
    Abel Alejandro Alistair Anselm Barnaby Bao Bertrand Cedric Cormac Dario Desmond Diego Edgar Emeka Emilio Felix
    Fernando Gideon Gustavo Hamish Hector Ignacio Isaias Jerome Joaquín Kenji Kwame Leopold Lorenzo Magnus Mateo Nils
    Octavio Orson Percival Quentin Rafael Roland Santiago Silas Thaddeus Tomás Ulric Viktor Wendell Xavier Yusuf
    Zachary
""")
STREETS = _words("""
    Alder Birch Cedar Dogwood Elder Foxglove Gorse Hazel Ironwood Juniper Larch Maple Nettle Orchard Poplar Quince
    Rowan Sumac Tamarack Willow
""")
PROVIDER_FAMILIES = _words("""
    Adeyemi Bloomfield Carrigan Doyenne Eastman Fairchild Grantham Holloway Iverson Jessop Kirkbride Langley Mayhew
    Northrop Osgood Prescott Quimby Rainsford Stavros Thornbury Upjohn Vandermeer Wexley Yeardley Zeller
""")
PROVIDER_GIVEN = ("Alma", "Boris", "Clara", "Dmitri", "Eun", "Farah", "Gail", "Hugo", "Iris", "Jonas", "Kavya", "Lars")
LANGUAGES = (("en", 74), ("es", 17), ("vi", 3), ("so", 2), ("zh", 2), ("ar", 2))  # code, share in percent
TOWNS = {
    "America/Chicago": ("Northfield", "IL", "60093"),
    "America/New_York": ("Dockside", "MA", "02110"),
    "America/Denver": ("Elmfield", "CO", "80203"),
}
